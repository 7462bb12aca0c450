import { posix } from 'node:path';
import type { Colour } from '../../model/container.ts';
import type { Executor } from '../../ports/executor.ts';
import { edgeConfig } from './config.ts';
import { holdScript } from './hold-script.ts';
import { mapText, servingIn } from './map-file.ts';
import { type EdgeSettings, edgeFile } from './settings.ts';

const LIMIT_MS = 30_000;
/** The version of the format, and nothing known yet. */
const NO_SERVERS = '1\n';

/**
 * Writes what an edge reads into `dir` on `machine`. A map that is there stays: it says which colour
 * serves; a new one says `serving`.
 */
export async function writeEdgeFiles(
  machine: Executor,
  dir: string,
  settings: EdgeSettings,
  serving: Colour | null,
  signal: AbortSignal,
): Promise<void> {
  await makeDirs(machine, dir, signal);
  const state = [
    ['map', mapText(serving)],
    ['servers', NO_SERVERS],
  ] as const;
  for (const [file, text] of [...settingsFiles(settings), ...state]) {
    const path = edgeFile(dir, file);
    const now = await readText(machine, path, signal);
    const keeps = now !== null && (file === 'map' || file === 'servers');
    if (now === text || keeps) continue;
    await machine.writeFile(path, new TextEncoder().encode(text), 0o644, signal);
  }
}

/** Whether an edge in `dir` would read something else than `settings` say. */
export async function edgeFilesChanged(
  machine: Executor,
  dir: string,
  settings: EdgeSettings,
  signal: AbortSignal,
): Promise<boolean> {
  for (const [file, text] of settingsFiles(settings)) {
    if ((await readText(machine, edgeFile(dir, file), signal)) !== text) return true;
  }
  return false;
}

function settingsFiles(settings: EdgeSettings) {
  return [
    ['config', edgeConfig(settings)],
    ['script', holdScript(edgeFile(settings.dir, 'map'))],
  ] as const;
}

/** The colour that an edge starts with; null before the first. */
export async function readServing(
  machine: Executor,
  dir: string,
  signal: AbortSignal,
): Promise<Colour | null> {
  return servingIn((await readText(machine, edgeFile(dir, 'map'), signal)) ?? '');
}

/**
 * HAProxy makes its sockets as whatever user its image runs as: `run` is open to all, and nobody else
 * gets there, because the directory above it is closed.
 */
async function makeDirs(machine: Executor, dir: string, signal: AbortSignal): Promise<void> {
  const run = posix.dirname(edgeFile(dir, 'socket'));
  const options = { signal, timeoutMs: LIMIT_MS };
  await machine.run(['mkdir', '-p', '-m', '0755', dir], options);
  await machine.run(['mkdir', '-p', '-m', '0777', run], options);
}

async function readText(
  machine: Executor,
  path: string,
  signal: AbortSignal,
): Promise<string | null> {
  const bytes = await machine.readFile(path, signal).catch((error) => {
    if (error.code === 'file-missing') return null;
    throw error;
  });
  return bytes && new TextDecoder().decode(bytes);
}
