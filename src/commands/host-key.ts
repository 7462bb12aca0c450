import { openSsh } from '../services/ssh/executor.ts';
import { HostKeyUnknownError } from '../services/ssh/host-key.ts';
import { pinHostKey } from '../services/ssh/pin.ts';
import { note } from './output.ts';
import { ask, confirm } from './prompt.ts';

const LIMIT_MS = 60_000;

/**
 * Connects once before the dashboard takes the terminal, so that a person can be asked: whether the
 * machine's fingerprint is right (pinned then), and for the passphrase of a key.
 */
export async function acceptHostKey(
  address: string,
  projectDir: string | null,
  signal: AbortSignal,
): Promise<void> {
  note(`Connecting to ${address} …`);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  try {
    await knock(address, projectDir, limit);
  } catch (error) {
    if (!(error instanceof HostKeyUnknownError)) throw error;
    const { hostKey } = error;
    note(
      `${hostKey.host} shows this key for the first time:\n  ${hostKey.type} ${hostKey.fingerprint}`,
    );
    note('Compare it with what the machine or its provider says.');
    await confirm('Is it the right one? It is remembered then.', false, signal);
    await pinHostKey(projectDir, hostKey);
    await knock(address, projectDir, limit);
  }
}

async function knock(address: string, projectDir: string | null, signal: AbortSignal) {
  const passphrase = (keyFile: string) =>
    ask(`Passphrase of ${keyFile}: `, { hidden: true, signal });
  const executor = openSsh(address, { projectDir, passphrase });
  try {
    await executor.run(['true'], { signal, timeoutMs: LIMIT_MS });
  } finally {
    await executor.close();
  }
}
