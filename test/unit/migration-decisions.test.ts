import { describe, expect, it } from 'vitest';
import type { Cutover, Migration, MigrationState } from '../../src/model/migration.ts';
import { freshMigration } from '../../src/services/migration/order.ts';
import {
  cutoverAt,
  type Entry,
  positionOf,
  stateAt,
} from '../../src/services/migration/position.ts';
import { type Asked, refusalOf } from '../../src/services/migration/requests.ts';
import { entriesOf } from '../../src/services/migration/shelf.ts';
import {
  type Happening,
  stateAfter,
  TRANSITIONS,
} from '../../src/services/migration/transitions.ts';
import { ORDER } from '../rig/migration-process.ts';

const colours = { serving: 'blue', idle: 'green' } as const;
const COPIED: Entry[] = [{ step: 'begin', id: 'a' }, { step: 'copy' }, { step: 'copied' }];
const TRY: Entry = { step: 'try', to: 'target', colours };
const MOVED: Entry[] = [...COPIED, TRY, { step: 'switch' }, { step: 'switched' }];

describe('the states of a migration', () => {
  it.each<[MigrationState, Happening, MigrationState]>([
    ['idle', 'begun', 'preflight'],
    ['preflight', 'checked', 'copying'],
    ['copying', 'copied', 'following'],
    ['following', 'in-step', 'ready'],
    ['ready', 'fell-behind', 'following'],
    ['ready', 'cutting-over', 'cutting-over'],
    ['following', 'cutting-over', 'cutting-over'],
    ['ready', 'finished', 'finished'],
    ['cutting-over', 'switched', 'switched'],
    ['cutting-over', 'returned', 'returned'],
    ['cutting-over', 'stayed-with-source', 'ready'],
    ['cutting-over', 'stayed-with-target', 'switched'],
    ['switched', 'cutting-over', 'cutting-over'],
    ['switched', 'finished', 'finished'],
    ['returned', 'cutting-over', 'cutting-over'],
    ['returned', 'finished', 'finished'],
    ['returned', 'aborted', 'aborted'],
    ['failed', 'resumed', 'preflight'],
    ['failed', 'aborted', 'aborted'],
    ['finished', 'begun', 'preflight'],
    ['aborted', 'begun', 'preflight'],
  ])('%s, %s: %s', (state, happening, next) => {
    expect(stateAfter(state, happening)).toBe(next);
  });

  it.each<MigrationState>(['preflight', 'copying', 'following', 'ready'])(
    'let %s fail and be given up: the app has not moved',
    (state) => {
      expect([stateAfter(state, 'failed'), stateAfter(state, 'aborted')]).toEqual([
        'failed',
        'aborted',
      ]);
    },
  );

  it.each<MigrationState>(['switched', 'cutting-over'])(
    'let %s neither fail nor be given up',
    (state) => {
      expect(TRANSITIONS[state]).not.toHaveProperty('failed');
      expect(() => stateAfter(state, 'aborted')).toThrow('cannot happen');
    },
  );
});

describe('what a journal says after a death', () => {
  it('before the switch: the app is where it was, and all goes back', () => {
    expect(positionOf([...COPIED, TRY])).toMatchObject({
      serving: 'source',
      attempt: { to: 'target', colours, decided: false },
    });
  });

  it('after the switch: it goes on', () => {
    expect(positionOf([...COPIED, TRY, { step: 'switch' }]).attempt?.decided).toBe(true);
  });

  it('after a switch that was taken back: all goes back', () => {
    const entries: Entry[] = [...COPIED, TRY, { step: 'switch' }, { step: 'stay' }];
    expect(positionOf(entries).attempt?.decided).toBe(false);
  });

  it('after the cut-over, and after the one back', () => {
    expect(positionOf(MOVED)).toMatchObject({ serving: 'target', attempt: null });
    const back: Entry[] = [
      { step: 'try', to: 'source', colours },
      { step: 'switch' },
      { step: 'switched' },
    ];
    expect(positionOf([...MOVED, ...back])).toMatchObject({ serving: 'source', attempt: null });
  });

  it('of an earlier migration, is nothing to a new one', () => {
    const entries: Entry[] = [...MOVED, { step: 'ended' }, { step: 'begin', id: 'b' }];
    expect(positionOf(entries)).toEqual({ ...positionOf([]), id: 'b' });
  });

  it('leaves out a line that was cut off, and one that is torn', () => {
    const text = '{"step":"copy"}\n{"step":"cop\n{"step":"copied"}\n{"step":"try","to":"tar';
    expect(entriesOf(text).map(({ step }) => step)).toEqual(['copy', 'copied']);
  });
});

describe('the state to go on from', () => {
  const picture = (patch: Partial<Migration>) => ({ ...freshMigration(ORDER), ...patch });

  it('is the picture’s', () => {
    expect(stateAt(positionOf(COPIED), picture({ state: 'ready' }))).toBe('ready');
  });

  it('is told by the journal where the picture is lost', () => {
    expect(stateAt(positionOf(MOVED), null)).toBe('switched');
    expect(stateAt(positionOf(COPIED), null)).toBe('copying');
    expect(stateAt(positionOf([]), null)).toBe('idle');
  });

  it('is told by the journal where the picture was drawn too late', () => {
    const cutting = picture({ state: 'cutting-over' });
    expect(stateAt(positionOf(MOVED), cutting)).toBe('switched');
    expect(stateAt(positionOf(COPIED), cutting)).toBe('ready');
    expect(stateAt(positionOf([...COPIED, TRY]), picture({ state: 'ready' }))).toBe('cutting-over');
  });
});

describe('what became of a cut-over whose process died', () => {
  const CUTOVER: Cutover = {
    ...{ way: 'forward', startedAt: '2026-11-03T10:00:00Z', heldAt: null, deadlineMs: 5_000 },
    ...{ steps: [], waiting: 3, outcome: null, heldMs: null },
    ...{ heldRequests: null, failedRequests: null, problem: null },
  };
  const outcome = (entries: Entry[], patch: Partial<Cutover> = {}) =>
    cutoverAt(positionOf(entries), { ...CUTOVER, ...patch }).outcome;

  it.each<[Cutover['outcome'], Entry[], Partial<Cutover>]>([
    ['switched', MOVED, {}],
    ['went-back', [...COPIED, TRY, { step: 'stayed' }], {}],
    ['went-back', [...MOVED, { ...TRY, to: 'source' }, { step: 'stayed' }], { way: 'back' }],
    ['went-back', COPIED, { way: 'rehearsal' }],
    [null, [...COPIED, TRY], {}],
    ['went-back', MOVED, { outcome: 'went-back' }],
  ])('%s', (expected, entries, patch) => {
    expect(outcome(entries, patch)).toBe(expected);
  });
});

describe('what can be asked of a migration', () => {
  const possible = (state: MigrationState, patch: Partial<Migration> = {}) => {
    const migration = { ...freshMigration(ORDER), state, ...patch };
    const all: Asked[] = ['cutover', 'back', 'verify', 'finish', 'abort'];
    return all.filter((asked) => refusalOf(migration, asked, false) === null);
  };

  it('depends on its state', () => {
    expect(possible('idle')).toEqual([]);
    expect(possible('copying')).toEqual(['abort']);
    expect(possible('ready')).toEqual(['cutover', 'verify', 'abort']);
    expect(possible('cutting-over')).toEqual(['abort']);
    expect(possible('failed')).toEqual(['abort']);
    expect(possible('finished')).toEqual([]);
  });

  it('after the switch is to go back or to finish, and never to give up', () => {
    const wayBack = { open: true, why: null, lagMs: 0 };
    expect(possible('switched', { wayBack })).toEqual(['back', 'verify', 'finish']);
    expect(possible('switched')).toEqual(['verify', 'finish']);
  });

  it('is refused while something else is done, with what to do', () => {
    const migration = { ...freshMigration(ORDER), state: 'ready' as const };
    expect(refusalOf(migration, 'verify', true)).toMatchObject({
      code: 'migration-state',
      next: expect.stringContaining('portsync migrate status'),
    });
  });
});
