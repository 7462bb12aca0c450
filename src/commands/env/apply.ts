import { keyChanges, needsRebuild, parsed } from '../../services/env/changes.ts';
import { type Edit, apply as write } from '../../services/env/operations.ts';
import { sameBytes } from '../../services/env/replace.ts';
import type { EnvStore, Outcome } from '../../services/env/store.ts';
import { openFleet } from '../../services/project/open-fleet.ts';
import { findProject } from '../../services/project/project.ts';
import type { Ground } from '../../services/rollout/change.ts';
import type { RolledOut } from '../../services/rollout/rollout.ts';
import { envWish } from '../../services/rollout/wishes.ts';
import { type ChangeOptions, carryOut, endWhatWasCutOff } from '../change.ts';
import { rolledOutText } from '../change-text.ts';
import { note, print, printResult } from '../output.ts';
import { changeLines, shortId } from './text.ts';

export interface Changing extends ChangeOptions {
  deploy: boolean;
}

interface Applied extends Outcome {
  /** Null where the file was written and no replica was touched. */
  rolledOut: RolledOut | null;
  /** Why not, where somebody might have expected it. */
  kept: string | null;
}

const OLD_ENVIRONMENT = 'Running replicas keep their old environment until the next deploy.';
const NOT_CONFIRMED =
  'Not rolled out, since nobody could be asked: add --yes, or run portsync deploy --yes.';

/** Makes the edit, in the file alone or together with the replicas, and tells what became of it. */
export async function applyAndTell(
  store: EnvStore,
  projectDir: string,
  edit: Edit,
  options: Changing,
  signal: AbortSignal,
): Promise<void> {
  const before = await store.live();
  const after = edit.of(before);
  const applied = await withFleet(projectDir, options, signal, async (ground) => {
    if (ground && !sameBytes(before, after) && canAsk(options)) {
      return rollOut(store, ground, envWish(edit.reason, before, after), options, signal);
    }
    const outcome = await write(store, edit, signal);
    const kept = ground ? NOT_CONFIRMED : options.deploy ? OLD_ENVIRONMENT : null;
    return { ...outcome, rolledOut: null, kept };
  });
  if (applied) tell(options, applied, keyChanges(parsed(before), parsed(after), { reveal: false }));
}

async function rollOut(
  store: EnvStore,
  ground: Ground,
  wish: ReturnType<typeof envWish>,
  options: Changing,
  signal: AbortSignal,
): Promise<Applied | null> {
  if (!options.json) note(changeLines(wish.env?.changes ?? [], false));
  const rolledOut = await carryOut(ground, wish, options, signal);
  const { versions, current } = await store.history(signal);
  const version = versions.find(({ id }) => id === current) ?? versions[0];
  return rolledOut && version ? { version, changed: true, rolledOut, kept: null } : null;
}

/** `work` with where the project's replicas run; null where nothing is known of any. */
export async function withFleet<T>(
  projectDir: string,
  options: Changing,
  signal: AbortSignal,
  work: (ground: Ground | null) => Promise<T>,
): Promise<T> {
  const project = options.deploy ? await findProject(projectDir) : null;
  const parts = project && (await openFleet(project));
  if (!project || !parts) return work(null);
  const { close, ...rest } = parts;
  const ground = { projectDir: project.dir, ...rest };
  try {
    if (!options.dryRun) await endWhatWasCutOff(ground, options, signal);
    return await work(ground);
  } finally {
    await close();
  }
}

/** The change of a file is quickly undone; replicas are not replaced unasked. */
function canAsk(options: Changing): boolean {
  return options.yes || options.dryRun || (!options.json && process.stdin.isTTY === true);
}

function tell(
  options: Changing,
  { version, changed, rolledOut, kept }: Applied,
  changes: ReadonlyArray<{ key: string }>,
): void {
  const rebuild = changed ? changes.map(({ key }) => key).filter(needsRebuild) : [];
  if (options.json) {
    const state = { written: changed, rebuild, deployed: rolledOut !== null };
    printResult({ event: 'result', ok: true, ...version, ...state, ...rolledOut });
    if (kept === NOT_CONFIRMED) note(kept);
    return;
  }
  if (!changed) {
    print(`Nothing to change: the file is as version ${shortId(version.id)}.`);
    return;
  }
  const undo = 'To undo: portsync env restore previous';
  print(`Written, and kept as version ${shortId(version.id)}. ${undo}`);
  if (rolledOut) print(rolledOutText(rolledOut));
  // A rollout has said so in its plan.
  if (rebuild.length > 0 && !rolledOut) note(rebuildText(rebuild));
  if (kept) note(kept);
}

function rebuildText(keys: readonly string[]): string {
  return `${keys.join(', ')}: Next.js writes these into the app when it is built; build a new image.`;
}
