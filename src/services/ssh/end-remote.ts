import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from './link.ts';
import { commandLine } from './quote.ts';
import type { RemoteProcess } from './remote-process.ts';

const GRACE_MS = 3_000;

// Asks the whole group to end, and makes it end after about a second.
const END_GROUP = `
kill -s TERM -- "-$0" || exit 0
n=0
while [ $n -lt 10 ] && kill -s 0 -- "-$0"; do sleep 0.1 || sleep 1; n=$((n + 1)); done
kill -s KILL -- "-$0"
`;

/**
 * Ends a remote command and all that it started, and resolves when it has ended, or when there was
 * no word of it for a while: then the connection is given up, too.
 */
export async function endRemote(remote: RemoteProcess, link: Link): Promise<void> {
  const over = remote.ended.then(() => true);
  const grace = sleep(GRACE_MS, false, { ref: false });
  const group = await Promise.race([remote.group, grace.then(() => null)]);
  if (group !== null && !link.lost) kill(group, link);
  if (await Promise.race([over, grace])) return;
  remote.channel.close();
  link.end();
}

function kill(group: number, link: Link): void {
  const line = commandLine(['sh', '-c', END_GROUP, String(group)]);
  try {
    link.client.exec(`exec ${line}`, (error, channel) => {
      // Where no second session is allowed, sshd itself may pass the signal on.
      if (error) return;
      channel.resume();
      channel.stderr.resume();
      channel.end();
    });
  } catch {
    // The connection went away meanwhile.
  }
}
