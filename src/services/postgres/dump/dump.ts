import { findPgDump, runPgDump } from './native.ts';
import { runWasmDump } from './wasm.ts';

/** Runs some pg_dump against the source, with these arguments besides the connection's; gives its output. */
export type RunDump = (args: readonly string[], signal: AbortSignal) => Promise<string>;

export interface DumpOptions {
  source: string;
  /** Of the source. */
  serverMajor: number;
  /** The schema as it is in this exported snapshot. */
  snapshot: string;
  /** The pg_dump of the database's own container; without it, this machine's, else PortSync's own. */
  run: RunDump | null;
}

const ARGS = [
  ...['--schema-only', '--no-owner', '--no-tablespaces', '--no-subscriptions'],
  ...['--no-security-labels', '--exclude-schema=portsync'],
];

/** The schema of the source as SQL text. @throws ExternalError */
export async function dumpSchema(options: DumpOptions, signal: AbortSignal): Promise<string> {
  const args = [...ARGS, `--snapshot=${options.snapshot}`];
  if (options.run) return options.run(args, signal);
  const native = await findPgDump(options.serverMajor, signal);
  if (native) return runPgDump(native, args, options.source, signal);
  return runWasmDump(args, options.source, signal);
}
