import fc from 'fast-check';
import { ObjectId, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { readMembers } from '../../src/services/mongo/commands.ts';
import { mongoConnectError, mongoError } from '../../src/services/mongo/errors.ts';
import { hintFor } from '../../src/services/mongo/figures.ts';
import { shapeOfCommand } from '../../src/services/mongo/shape.ts';

const shape = (command: object, op = 'command') => shapeOfCommand(command, op, 'shop.notes');

describe('the shape of a command', () => {
  it('keeps names and operators, and none of the values', () => {
    const filter = { user: new ObjectId(), at: { $gt: new Date() }, tag: { $in: ['a', 'b', 'c'] } };
    expect(shape({ find: 'notes', filter, lsid: { id: 1 }, $db: 'shop' })).toBe(
      'find notes filter: {user: ?, at: {$gt: ?}, tag: {$in: [?, …]}}',
    );
    const pipeline = [{ $match: { a: 1 } }, { $group: { _id: '$b', n: { $sum: 1 } } }];
    expect(shape({ aggregate: 'notes', pipeline, cursor: {} })).toBe(
      'aggregate notes pipeline: [{$match: {a: ?}}, {$group: {_id: ?, n: {$sum: ?}}}]',
    );
    expect(shape({ q: { a: 1 }, u: { $set: { b: /x/ } } }, 'update')).toBe(
      'update notes q: {a: ?}, u: {$set: {b: ?}}',
    );
    expect(shape({ createUser: 'bob', pwd: 'hunter2', roles: [] })).not.toContain('hunter2');
  });

  it('says rows of one kind once, and of a text that was cut off only its kind', () => {
    const documents = Array.from({ length: 1000 }, (_, i) => ({ a: i, t: new Timestamp(1n) }));
    expect(shape({ insert: 'notes', documents })).toBe('insert notes documents: [{a: ?, t: ?}, …]');
    expect(shape({ $truncated: '{ find: "notes", filter: { a: "secret' }, 'query')).toBe(
      'query notes',
    );
    expect(shapeOfCommand(undefined, 'none', 'shop.notes')).toBe('none notes');
  });

  it('never shows a value, however deep, in one line of at most 200 characters', () => {
    const value = fc.string().map((tail) => `Zq7${tail}`);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'large' },
        value,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('a', 'b.c', '$in'), tie('tree'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (filter) => {
        const text = shape({ find: 'notes', filter });
        expect(text).not.toContain('Zq7');
        expect([...text].length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('what MongoDB and the way to it say, in the words of a user', () => {
  const refused = (code: number, message = 'x') =>
    Object.assign(new Error(message), { name: 'MongoServerError', code });
  const driver = (name: string, cause?: Error) =>
    Object.assign(new Error('connection 1 to db:27017 closed', { cause }), { name });
  const dns = Object.assign(new Error('x'), { code: 'ENOTFOUND' });

  it.each([
    [refused(18), 'database-password'],
    [refused(8000, 'bad auth : authentication failed'), 'database-password'],
    [refused(8000, 'user is not authorized to do it'), 'database-privilege'],
    [refused(13), 'database-privilege'],
    [refused(50), 'database-timeout'],
    [refused(11600), 'database-connection-lost'],
    [refused(10107), 'database-starting'],
    [refused(2), 'database-error'],
    [driver('MongoNetworkError'), 'database-connection-lost'],
    [driver('MongoNetworkError', dns), 'database-name-unknown'],
    [driver('MongoNetworkTimeoutError'), 'database-timeout'],
    [driver('MongoParseError'), 'database-url'],
  ])('%s is %s', (error, code) => {
    expect(mongoError(error, 'db:27017/shop').code).toBe(code);
  });

  it('tells a connection that ends from one that is not let in', () => {
    expect(mongoConnectError(driver('MongoNetworkError'), 'db').code).toBe('database-turned-away');
    expect(mongoConnectError(refused(18), 'db').code).toBe('database-password');
  });
});

describe('the members of a set', () => {
  const at = (ms: number) => new Date(1_700_000_000_000 + ms);
  const primary = { name: 'a:1', state: 1, stateStr: 'PRIMARY', optimeDate: at(9000), health: 1 };

  it('are behind the primary’s last write; of one that is away nothing is known', () => {
    const second = {
      name: 'b:1',
      state: 2,
      stateStr: 'SECONDARY',
      optimeDate: at(5000),
      health: 1,
    };
    const away = {
      name: 'c:1',
      state: 8,
      stateStr: '(not reachable/healthy)',
      optimeDate: at(0),
      health: 0,
    };
    expect(readMembers({ members: [primary, second, away] })).toMatchObject([
      { name: 'b:1', state: 'secondary', lagMs: 4000 },
      { name: 'c:1', state: '(not reachable/healthy)', lagMs: null },
    ]);
    expect(readMembers({ members: [second] })).toMatchObject([{ name: 'b:1', lagMs: null }]);
  });
});

describe('the hint', () => {
  it('names what the user may not see, and the role that shows it', () => {
    expect(hintFor(new Set(), 'app')).toBeNull();
    const hint = hintFor(new Set(['status', 'others']), 'app');
    expect(hint).toContain('connections and rates, nor the operations of others');
    expect(hint).toContain('db.grantRolesToUser("app", [{role: "clusterMonitor", db: "admin"}])');
  });
});
