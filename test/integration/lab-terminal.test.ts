import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLab } from '../../src/services/lab/client.ts';
import { tracesIn, untilNothingIsLeft } from '../rig/lab-remains.ts';
import { openTerminal, type PtyTerminal } from '../rig/pty.ts';
import { until } from '../rig/until.ts';

// Whole labs are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = new URL('../..', import.meta.url).pathname;

let cache: string;
let terminal: PtyTerminal;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'portsync-cache-'));
  terminal = openTerminal({
    command: process.execPath,
    args: ['--import', 'tsx', join(ROOT, 'src/cli.ts'), 'lab'],
    cwd: ROOT,
    env: { XDG_CACHE_HOME: cache, CI: undefined },
  });
});
afterEach(async () => {
  await terminal.kill();
  rmSync(cache, { recursive: true });
});

/** The lab behind the dashboard, once it is on the screen. */
async function dashboard() {
  await terminal.waitFor('Containers', 90_000);
  const [traces] = tracesIn(cache);
  if (!traces) throw new Error('No lab is written down.');
  return traces;
}

describe('portsync lab in a terminal', () => {
  it('says what it starts, shows the dashboard on it, and takes everything away at q', async () => {
    await terminal.waitFor('Starting two PostgreSQL servers', 60_000);
    const traces = await dashboard();
    const lab = await openLab(join(traces.runtime, 'lab'));
    expect(lab?.info.app).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await terminal.waitFor('web-blue.3');
    terminal.write('q');
    expect(await terminal.exited).toMatchObject({ code: 0 });
    await untilNothingIsLeft(traces);
  });

  it('ends with the terminal that is closed', async () => {
    const traces = await dashboard();
    process.kill(terminal.pid, 'SIGHUP');
    await terminal.exited;
    await untilNothingIsLeft(traces);
  });

  it('ends with the dashboard that is killed', async () => {
    const traces = await dashboard();
    process.kill(terminal.pid, 'SIGKILL');
    await terminal.exited;
    await untilNothingIsLeft(traces);
  });

  it('is stopped by Ctrl-C while it starts', async () => {
    await until(() => tracesIn(cache)[0]?.started.length, 60_000, 'a server runs');
    const [traces] = tracesIn(cache);
    terminal.write('\u0003');
    expect((await terminal.exited).code).toBe(130);
    if (traces) await untilNothingIsLeft(traces);
  });
});
