import { setFlagsFromString } from 'node:v8';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { pgDump } from '@electric-sql/pglite-tools/pg_dump';
import type { Exchange, WorkerEnd, WorkerStart } from './wasm-messages.ts';
import { Requests, startUpAnswer } from './wasm-protocol.ts';

// pg_dump as WebAssembly calls out whenever it writes to its "socket" and wants the answer before
// the call returns. Only a thread that may block can do that: this one waits while the main thread
// speaks with the server.

const { args, parameters, port, flag } = workerData as WorkerStart;
const turn = new Int32Array(flag);
const requests = new Requests();

function exchange(request: Exchange): Uint8Array {
  Atomics.store(turn, 0, 0);
  port.postMessage(request);
  // The notice of the round before may come late, and wake us for nothing.
  while (Atomics.load(turn, 0) === 0) Atomics.wait(turn, 0, 0);
  return receiveMessageOnPort(port)?.message as Uint8Array;
}

const database = {
  query: async () => ({ rows: [{ search_path: '""' }] }),
  exec: async () => [],
  execProtocolRawStream: (
    bytes: Uint8Array,
    { onRawData }: { onRawData(data: Uint8Array): void },
  ) => {
    // The view is into memory that pg_dump goes on using.
    const { kind, rounds } = requests.push(bytes.slice());
    if (kind === 'start-up') onRawData(startUpAnswer(parameters));
    else if (kind === 'encryption') onRawData(new Uint8Array([0x4e]));
    else if (rounds > 0) onRawData(exchange({ bytes: requests.take(), rounds }));
  },
};

function end(result: WorkerEnd): void {
  parentPort?.postMessage(result);
}

// It runs for a second: to optimise it would take more time, and 30 MB, than that saves.
setFlagsFromString('--liftoff-only');
pgDump({ pg: database as never, args })
  .then((file) => file.text())
  .then(
    (text) => end({ text }),
    (error) => end({ failed: error instanceof Error ? error.message : String(error) }),
  );
