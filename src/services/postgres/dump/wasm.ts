import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { type Dialled, dialPostgres, untilAborted } from '../dial.ts';
import { postgresError } from '../errors.ts';
import { borrowStream } from '../wire/borrow.ts';
import { FrameSplitter } from '../wire/frames.ts';
import { dumpFailed } from './native.ts';
import type { Exchange, WorkerEnd, WorkerStart } from './wasm-messages.ts';

const LIMIT_MS = 10 * 60_000;
const PARAMETERS = [
  ...['server_version', 'server_encoding', 'client_encoding', 'standard_conforming_strings'],
  ...['DateStyle', 'TimeZone', 'integer_datetimes', 'is_superuser', 'session_authorization'],
];

/** Runs the pg_dump that PortSync brings along, through a session of our own driver. */
export async function runWasmDump(
  args: readonly string[],
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const dialled = await dialPostgres(url, { applicationName: 'portsync dump' }, signal);
  try {
    const parameters = await readParameters(dialled, signal);
    return await runWorker(args, parameters, dialled, signal);
  } finally {
    dialled.socket.destroy();
  }
}

/** pg_dump takes them from the start of a connection, which is long over. */
async function readParameters({ client, socket, where }: Dialled, signal: AbortSignal) {
  const list = PARAMETERS.map((name) => `'${name}'`).join(', ');
  const sql = `select p, pg_catalog.current_setting(p, true) as v from unnest(array[${list}]) p`;
  try {
    const { rows } = await untilAborted(client.query(sql), socket, signal);
    // These two are told at the start of a connection, and are no settings in every version.
    const { rows: who } = await untilAborted(
      client.query('select session_user as u'),
      socket,
      signal,
    );
    const known = rows.flatMap(({ p, v }): Array<[string, string]> => (v === null ? [] : [[p, v]]));
    return { ...Object.fromEntries(known), session_authorization: String(who[0]?.u) };
  } catch (error) {
    throw postgresError(error, where);
  }
}

function runWorker(
  args: readonly string[],
  parameters: Record<string, string>,
  dialled: Dialled,
  signal: AbortSignal,
): Promise<string> {
  const { port1, port2 } = new MessageChannel();
  const flag = new SharedArrayBuffer(4);
  const start: WorkerStart = { args: [...args], parameters, port: port2, flag };
  const limit = AbortSignal.timeout(LIMIT_MS);
  const worker = new Worker(...workerProgram(start));
  const line = new Line(dialled);
  port1.on('message', async (request: Exchange) => {
    port1.postMessage(await line.exchange(request).catch(() => new Uint8Array()));
    Atomics.store(new Int32Array(flag), 0, 1);
    Atomics.notify(new Int32Array(flag), 0);
  });
  const ended = new Promise<string>((resolve, reject) => {
    const stop = () => reject(postgresError(signal.reason, dialled.where));
    signal.addEventListener('abort', stop, { once: true });
    limit.addEventListener('abort', () => reject(postgresError(limit.reason, dialled.where)));
    if (signal.aborted) stop();
    dialled.socket.once('close', () => reject(lost(dialled)));
    worker.once('error', (error) => reject(dumpFailed(error.message, error)));
    worker.once('message', (end: WorkerEnd) => {
      if ('text' in end) resolve(end.text);
      else reject(dumpFailed(end.failed));
    });
  });
  return ended.finally(() => {
    port1.close();
    return worker.terminate();
  });
}

function lost({ where }: Dialled) {
  return postgresError(new Error('Connection terminated'), where);
}

/** Bundled beside this file, or from source while that is what runs. */
function workerProgram(workerData: WorkerStart): ConstructorParameters<typeof Worker> {
  const options = { workerData, transferList: [workerData.port] };
  if (!import.meta.url.endsWith('.ts')) {
    return [new URL(`./pg-dump-worker${extname(import.meta.url)}`, import.meta.url), options];
  }
  // A loader that is given to a thread by --import comes too late for the thread's own file.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx'));
  const loader = new URL('./esm/api/index.mjs', tsx).href;
  const source = JSON.stringify(new URL('./wasm-worker.ts', import.meta.url).href);
  const program = `import('${loader}').then(({ tsImport }) => tsImport(${source}, ${source}))`;
  return [program, { ...options, eval: true }];
}

/** Sends requests over a borrowed session and gathers all that answers them. */
class Line {
  readonly #dialled: Dialled;

  constructor(dialled: Dialled) {
    this.#dialled = dialled;
  }

  exchange({ bytes, rounds }: Exchange): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let left = rounds;
      const splitter = new FrameSplitter({
        data: () => {},
        message: (type) => {
          if (type === 'Z') left -= 1;
        },
      });
      const { stream, giveBack } = borrowStream(this.#dialled.client, (chunk) => {
        chunks.push(Buffer.from(chunk));
        splitter.push(chunk);
        if (left > 0) return;
        done();
        resolve(Buffer.concat(chunks));
      });
      const cut = () => {
        done();
        reject(lost(this.#dialled));
      };
      const done = () => {
        stream.removeListener('close', cut);
        giveBack();
      };
      stream.once('close', cut);
      stream.write(bytes);
    });
  }
}
