import type { Executor } from '../ports/executor.ts';
import { Machines } from '../services/project/machines.ts';
import { HostKeyUnknownError } from '../services/ssh/host-key.ts';
import { pinHostKey } from '../services/ssh/pin.ts';
import { note } from './output.ts';
import { ask, confirm } from './prompt.ts';

/** Time for a person to find a passphrase. */
const LIMIT_MS = 300_000;

/**
 * Connects to a machine before the dashboard takes the terminal, while a person can be asked: whether
 * its fingerprint is right (pinned then), and for the passphrase of a key. The connection is kept.
 */
export async function firstContact(address: string, signal: AbortSignal): Promise<Machines> {
  let mayAsk = true;
  const machines = new Machines(null, async (keyFile) =>
    mayAsk ? ask(`Passphrase of ${keyFile}: `, { hidden: true, signal }) : null,
  );
  note(`Connecting to ${address} …`);
  try {
    await connectOrPin(machines.at(address), signal);
  } catch (error) {
    await machines.close();
    throw error;
  }
  mayAsk = false;
  return machines;
}

async function connectOrPin(machine: Executor, signal: AbortSignal): Promise<void> {
  const knock = () => machine.run(['true'], { signal, timeoutMs: LIMIT_MS });
  try {
    await knock();
  } catch (error) {
    if (!(error instanceof HostKeyUnknownError)) throw error;
    const { host, type, fingerprint } = error.hostKey;
    note(`${host} shows this key for the first time:\n  ${type} ${fingerprint}`);
    note('Compare it with what the machine or its provider says.');
    await confirm('Is it the right one? It is remembered then.', false, signal);
    await pinHostKey(null, error.hostKey);
    await knock();
  }
}
