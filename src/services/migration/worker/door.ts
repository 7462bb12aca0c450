import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { ControlServer } from '../../control/server.ts';
import type { Desk } from '../desk.ts';
import type { Places } from '../places.ts';
import type { Door, WorkerCalls } from './calls.ts';

/** A unix socket's path has 104 bytes on macOS, its ending NUL included. */
const LONGEST_PATH = 103;

/** Opens the door to `desk` and answers how to close it. */
export async function openDoor(places: Places, desk: Desk): Promise<() => Promise<void>> {
  const server = new ControlServer<WorkerCalls>({
    cutover: () => desk.ask('cutover'),
    back: () => desk.ask('back'),
    verify: () => desk.ask('verify'),
    end: ([ending]) => desk.end(ending),
  });
  const { socket, elsewhere } = await socketPath(places);
  await rm(socket, { force: true });
  await server.listen(socket);
  const door: Door = { socket };
  await writeFileAtomic(places.door, JSON.stringify(door), { mode: 0o600 });
  return async () => {
    await rm(places.door, { force: true });
    await server.close();
    if (elsewhere) await rm(dirname(socket), { recursive: true, force: true });
  };
}

/** In the migration's own directory where its path is short enough: nobody tidies up there. */
async function socketPath({ dir }: Places): Promise<{ socket: string; elsewhere: boolean }> {
  const near = join(dir, 'socket');
  if (Buffer.byteLength(near) <= LONGEST_PATH) return { socket: near, elsewhere: false };
  const base = tmpdir().length < 64 ? tmpdir() : '/tmp';
  const far = await mkdtemp(join(base, 'portsync-migration-'));
  return { socket: join(far, 'socket'), elsewhere: true };
}
