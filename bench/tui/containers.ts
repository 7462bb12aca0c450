import type Dockerode from 'dockerode';
import { IMAGE } from '../../test/rig/engine.ts';

const AT_ONCE = 4;

/** Names sort by number; every tenth container works a little, so that figures change. */
function commandOf(n: number): string {
  return n % 10 === 0
    ? 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; sleep 0.2; done'
    : 'sleep 86400';
}

/** Starts containers until there are `count` of them. */
export async function fillUp(docker: Dockerode, count: number): Promise<void> {
  const there = (await docker.listContainers()).length;
  let next = there;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const container = await docker.createContainer({
        Image: IMAGE,
        name: `web-${String(n).padStart(4, '0')}`,
        Cmd: ['sh', '-c', commandOf(n)],
        StopSignal: 'SIGKILL',
        HostConfig: { Memory: 64 * 1024 * 1024, NetworkMode: 'none' },
      });
      await container.start();
      if (n % 100 === 99) process.stderr.write(`${n + 1} containers\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** A burst of work in ten containers, for `seconds`: what a spike looks like to a dashboard. */
export async function spike(docker: Dockerode, seconds: number): Promise<void> {
  const ten = Array.from({ length: 10 }, (_, n) => `web-${String(n).padStart(4, '0')}`);
  await Promise.all(
    ten.map(async (name) => {
      const exec = await docker.getContainer(name).exec({
        Cmd: ['timeout', String(seconds), 'sh', '-c', 'while :; do sleep 0.02; done'],
      });
      await exec.start({ Detach: true });
    }),
  );
}
