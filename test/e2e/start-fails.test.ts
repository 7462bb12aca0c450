import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTerminal } from '../rig/pty.ts';

const PORTSYNC = new URL('../../bin/portsync.js', import.meta.url).pathname;
const LIMIT_MS = 60_000;

/** What a person sees who starts the dashboard of `dir` from a shell, once it is left. */
async function leftBehind(dir: string, env: Record<string, string> = {}) {
  const line = `"${process.execPath}" "${PORTSYNC}" tui --project "${dir}"; echo "left: $?"; read x`;
  const terminal = openTerminal({ command: 'sh', args: ['-c', line], env });
  try {
    const screen = await terminal.waitFor(/left: \d+/, LIMIT_MS);
    return { screen: screen.join('\n'), modes: terminal.modes() };
  } finally {
    await terminal.kill();
  }
}

describe('a dashboard that does not start', () => {
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'portsync-start-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('gives the terminal back, and says there what is wrong with the project', async () => {
    await writeFile(join(dir, 'portsync.yaml'), 'app: [\n');
    const { screen, modes } = await leftBehind(dir);
    expect(screen).toContain('portsync.yaml');
    expect(screen).toContain('left: 2');
    expect(screen).not.toContain('Containers');
    expect(modes).toMatchObject({ alternateScreen: false, cursorVisible: true, raw: false });
  });

  it('does so too where PortSync itself fails', async () => {
    const fault = join(dir, 'fault.cjs');
    await writeFile(join(dir, 'portsync.yaml'), 'app: shop\n');
    await writeFile(fault, "setImmediate(() => { throw new Error('out of order'); });\n");
    const { screen, modes } = await leftBehind(dir, { NODE_OPTIONS: `--require "${fault}"` });
    expect(screen).toContain('out of order');
    expect(screen).not.toContain('Containers');
    expect(modes).toMatchObject({ alternateScreen: false, cursorVisible: true, raw: false });
  });
});
