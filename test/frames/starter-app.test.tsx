import { cleanup } from 'ink-testing-library';
import { afterEach, describe, expect, it } from 'vitest';
import { ExternalError } from '../../src/errors.ts';
import type { SetupActions, StackActions } from '../../src/model/actions.ts';
import type { SetupWish } from '../../src/model/starter.ts';
import { beginning, shop, working } from './fixtures.ts';
import { shownFrom } from './shown.tsx';
import { adopted, down } from './starter-fixtures.ts';

afterEach(cleanup);

const ENTER = '\r';
const LEFT = '\u001B[D';
const SIZE = { columns: 80, rows: 24 };

function form(readOnly = false) {
  const wishes: SetupWish[] = [];
  const setup: SetupActions = {
    plan: async (wish) => {
      wishes.push(wish);
      return adopted;
    },
    write: async () => adopted.dir,
  };
  const world = shownFrom(beginning({ ...SIZE, project: null, readOnly }), { setup });
  return { ...world, wishes };
}

function dashboard(stack: StackActions, readOnly = false) {
  return shownFrom(working({ ...SIZE, project: { ...shop, readOnly } }), { stack });
}

const ended: string[] = [];
const works: StackActions = {
  plan: async () => down,
  up: async (report) => report({ id: 'services', state: 'done', ms: 1200 }),
  down: async (volume) => void ended.push(volume ?? 'data stays'),
};

describe('setting up an app from the start menu', () => {
  it('shows what was chosen as a plan, writes it after a yes, and opens the project', async () => {
    const { press, sees, wishes, opened } = form();
    await press(ENTER);
    await sees('Show what will be written');
    await press('j', ' ', 'j', ENTER, 'shop:1', ENTER, 'j', LEFT, LEFT, 's');
    await sees('compose.yaml, which gets:');
    expect(wishes).toMatchObject([
      { dir: '/srv/shop', source: 'image', image: 'shop:1', database: 'mongo' },
    ]);
    expect(opened).toEqual([]);
    await press(ENTER);
    await expect.poll(() => opened).toEqual([{ kind: 'project', dir: '/srv/shop' }]);
  });

  it('writes nothing with --read-only', async () => {
    const { press, sees, opened } = form(true);
    await press(ENTER, 's');
    await sees('compose.yaml, which gets:');
    await press(ENTER);
    await sees('does not work now: read-only');
    expect(opened).toEqual([]);
  });
});

describe('starting and ending the app from the dashboard', () => {
  it('starts it after its plan was seen, and tells the address', async () => {
    const { press, sees } = dashboard(works);
    await press('u');
    await sees('This will be done');
    await press(ENTER);
    await sees('http://localhost serves');
  });

  it('says on the same screen what failed, and what to do', async () => {
    const fails = async () => {
      throw new ExternalError({
        code: 'x',
        message: 'It broke.',
        why: 'No disk.',
        next: 'Free it.',
      });
    };
    const { press, sees } = dashboard({ ...works, up: fails });
    await press('u');
    await sees('This will be done');
    await press(ENTER);
    await sees('It broke. No disk.');
    await sees('Free it.');
  });

  it('ends it and keeps the data, unless the name of the volume is typed', async () => {
    ended.length = 0;
    const { press, sees } = dashboard(works);
    await press('D');
    await sees('The data stays');
    await press('V', 'shop', ENTER);
    await sees('type shop_db');
    expect(ended).toEqual([]);
    await press('_db', ENTER);
    await expect.poll(() => ended).toEqual(['shop_db']);
    const other = dashboard(works);
    await other.press('D');
    await other.sees('The data stays');
    await other.press(ENTER);
    await expect.poll(() => ended).toEqual(['shop_db', 'data stays']);
  });

  it('starts nothing with --read-only', async () => {
    const { press, sees } = dashboard(works, true);
    await press('u');
    await sees('This will be done');
    await press(ENTER);
    await sees('does not work now: read-only');
  });
});
