import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from './link.ts';
import { commandLine } from './quote.ts';
import type { RemoteProcess } from './remote-process.ts';

const GRACE_MS = 3_000;
const AGAIN_MS = 100;

// Asks the whole group to end, and makes it end after about a second.
const END_GROUP = `
kill -s TERM -- "-$0" || exit 0
n=0
while [ $n -lt 10 ] && kill -s 0 -- "-$0"; do sleep 0.1 || sleep 1; n=$((n + 1)); done
kill -s KILL -- "-$0"
`;

type Answer = 'sent' | 'refused' | 'none';

/**
 * Ends a remote command and all that it started. Resolves when it has ended, or after a few seconds
 * without word of it; a connection on which not even the request was answered is given up then.
 */
export async function endRemote(remote: RemoteProcess, link: Link): Promise<void> {
  const state = { over: false, answer: 'refused' as Answer };
  const ended = remote.ended.then(() => {
    state.over = true;
  });
  // A login shell that is slow to start says the group late; the command is ended even then.
  void remote.group.then(async (group) => {
    if (group === null) return remote.channel.close();
    const until = Date.now() + GRACE_MS;
    state.answer = 'none';
    // Sessions may be short while many commands are ended; each that ends makes room.
    while (!state.over && Date.now() < until) {
      state.answer = await kill(group, link);
      if (state.answer === 'sent') return;
      await sleep(AGAIN_MS);
    }
    remote.channel.close();
  });
  await Promise.race([ended, sleep(GRACE_MS, undefined, { ref: false })]);
  if (!state.over && state.answer === 'none') link.end();
}

/** Stays without an answer as long as the machine is silent. */
function kill(group: number, link: Link): Promise<Answer> {
  const line = commandLine(['sh', '-c', END_GROUP, String(group)]);
  return new Promise((resolve) => {
    try {
      link.client.exec(`exec ${line}`, (error, channel) => {
        resolve(error ? 'refused' : 'sent');
        if (error) return;
        channel.resume();
        channel.stderr.resume();
        channel.end();
      });
    } catch {
      // The connection went away meanwhile.
      resolve('refused');
    }
  });
}
