import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { namespaceFile } from '../rig/engine/namespace.ts';
import { Caller } from '../rig/http-interface.ts';
import { APP_IMAGE } from '../rig/images.ts';
import { describeWith } from '../rig/needs.ts';
import { openTerminal, type PtyTerminal } from '../rig/pty.ts';
import { type SwarmRig, startSwarmRig, swarmNeed } from '../rig/swarm.ts';

const PORTSYNC = new URL('../../bin/portsync.js', import.meta.url).pathname;
const MINUTE = 60_000;
const ENTER = '\r';
const ESC = '\u001B';

vi.setConfig({ testTimeout: 4 * MINUTE, hookTimeout: 6 * MINUTE });

describeWith(swarmNeed, 'an app that is set up from the start menu', () => {
  let rig: SwarmRig;
  let terminal: PtyTerminal;

  beforeAll(async () => {
    rig = await startSwarmRig();
    terminal = openTerminal({
      command: 'nsenter',
      args: [`--net=${namespaceFile(rig.engine.namespace ?? '')}`, process.execPath, PORTSYNC],
      env: { DOCKER_HOST: `unix://${rig.engine.socket}`, CI: undefined },
      cwd: rig.dir,
    });
  });

  afterAll(async () => {
    await terminal?.kill();
    await rig?.close();
  });

  it('is written down, started, and serves', async () => {
    await terminal.waitFor('What is this machine for?');
    terminal.write(ENTER);
    await terminal.waitFor('Show what will be written');
    terminal.write('j j');
    terminal.write(ENTER);
    await terminal.waitFor(/take it/);
    terminal.write(APP_IMAGE);
    terminal.write(ENTER);
    await terminal.waitFor(/Image +notes-app:1/);
    terminal.write('s');
    await terminal.waitFor('+ docker-compose.yml');
    terminal.write(ENTER);
    await terminal.waitFor('This will be done', MINUTE);
    terminal.write(ENTER);
    await terminal.waitFor('http://localhost serves', 3 * MINUTE);
    const someone = new Caller(rig.url);
    await someone.signUp();
    await someone.write('first');
    expect(await someone.texts()).toEqual(['first']);
  });

  it('is ended from the dashboard, and its data stays', async () => {
    terminal.write(ESC);
    await terminal.waitFor('1 Containers');
    terminal.write('D');
    await terminal.waitFor('The data stays');
    terminal.write(ENTER);
    await terminal.waitFor('u starts it again', MINUTE);
    const { Volumes } = await rig.engine.docker.listVolumes();
    const env = await readFile(join(rig.dir, 'portsync.yaml'), 'utf8');
    const app = /^app: (\S+)$/m.exec(env)?.[1];
    expect(Volumes.map(({ Name }) => Name)).toContain(`${app}_db`);
    expect(await rig.engine.docker.listContainers()).toEqual([]);
  });
});
