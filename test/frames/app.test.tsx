import { cleanup } from 'ink-testing-library';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LabActions } from '../../src/model/actions.ts';
import type { ProjectInfo } from '../../src/model/project.ts';
import { beginning, shop, working } from './fixtures.ts';
import { seenMigration } from './migration-fixtures.ts';
import { shownFrom } from './shown.tsx';

afterEach(cleanup);

const ENTER = '\r';
const ESC = '\u001B';
const TAB = '\t';

function shown(project: ProjectInfo | null = shop, lab: LabActions | null = null) {
  const size = { columns: 80, rows: 24, project };
  return shownFrom(project ? working(size) : beginning(size), { lab });
}

describe('the app', () => {
  it('shows four panes, and zooms the one with the focus', async () => {
    const { press, sees } = shown();
    for (const title of ['1 Containers', '2 Nodes', '3 Database', '4 .env']) await sees(title);
    await press('3', ENTER);
    await sees('Slow and blocking queries');
    await press(ESC);
    await sees('1 Containers');
  });

  it('stops a container only after a yes, and says how it went', async () => {
    const { press, sees, asked } = shown();
    await press('X');
    await sees('Stop web.1 on main?');
    await press(ESC, 'j', 'X');
    await sees('Stop web.2 on main?');
    expect(asked).toEqual([]);
    await press(ENTER);
    await sees('Stopped web.2.');
    expect(asked).toEqual(['stop web.2']);
  });

  it('says what failed, why, and what to do', async () => {
    const { press, sees, text } = shown();
    await press('R', ENTER);
    await sees('web.1 could not be restarted. The engine does not answer. Start the engine.');
    await press(ESC);
    await vi.waitFor(() => expect(text()).not.toContain('could not'));
  });

  it('follows a log, saves it, and lets go of it when left', async () => {
    const { press, sees, followed } = shown();
    await press('l');
    await sees('ready to serve');
    await press('s');
    await sees('Saved what is shown to .portsync/logs/web.1-1.log');
    expect(followed.signal?.aborted).toBe(false);
    await press(ESC);
    await vi.waitFor(() => expect(followed.signal?.aborted).toBe(true));
  });

  it('reads what a version changed, and reveals one value', async () => {
    const { press, sees, text } = shown();
    await press('b');
    await sees('JWT_SECRET');
    await press(TAB, 'j', 'v');
    await sees('v23 JWT_SECRET in the clear');
    await press(ESC);
    await sees('1 Containers');
    expect(text()).not.toContain('in the clear');
  });

  it('brings a version back after its plan was seen, and tells how it goes', async () => {
    const { press, sees, asked } = shown();
    await press('b');
    await sees('JWT_SECRET');
    await press('j', ENTER);
    await sees('write the .env: restored');
    await sees('- SMTP_HOST');
    expect(asked).toEqual([]);
    await press(ENTER);
    await sees('is back.');
    expect(asked).toEqual([expect.stringMatching(/^restore v/)]);
  });

  it('takes pasted text into the box that is open', async () => {
    const { press, sees, paste, opened } = shown(null);
    await sees('What is this machine for?');
    await press('j', 'j', ENTER);
    await sees('Watch an app on another machine');
    paste('root@10.0.0.9');
    await sees('root@10.0.0.9');
    await press(ENTER);
    await vi.waitFor(() => expect(opened).toEqual([{ kind: 'ssh', address: 'root@10.0.0.9' }]));
  });

  it('has the lab’s keys in the lab', async () => {
    const done: string[] = [];
    const lab: LabActions = {
      setSpike: async (on) => void done.push(`spike ${on}`),
      killReplica: async (name) => void done.push(`kill ${name}`),
      startReplica: async (name) => void done.push(`start ${name}`),
      stopReplica: async (name) => void done.push(`stop ${name}`),
      target: async () => 'postgres://lab:lab@127.0.0.1:5433/app',
    };
    const { press, sees } = shown({ ...shop, lab: true }, lab);
    await press('s');
    await sees('The spike is on.');
    await press('x');
    await sees('Kill web.1 on main?');
    await press(ENTER);
    await sees('Killed web.1.');
    expect(done).toEqual(['spike true', 'kill web.1']);
  });

  it('knows the lab’s second server where a connection string is asked for', async () => {
    const target = 'postgres://lab:hunter2@127.0.0.1:5433/app';
    const lab = { target: async () => target } as LabActions;
    const state = seenMigration(
      working({ columns: 80, rows: 24, project: { ...shop, lab: true } }),
      null,
    );
    const { press, sees } = shownFrom(state, { lab });
    await press('m', TAB);
    await sees('postgres://lab:••••@127.0.0.1:5433/app');
  });

  it('runs a command by its name, takes a burst of keys, and quits', async () => {
    const { press, sees, quit } = shown();
    await press('jjj');
    await press(':', 'logs'.slice(0, 3));
    await sees('› Follow the log of the chosen container');
    await press(ESC, 'q');
    await vi.waitFor(() => expect(quit).toHaveBeenCalledOnce());
  });
});
