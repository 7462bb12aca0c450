import { isUtf8 } from 'node:buffer';
import { plural } from '../../components/format.ts';
import { EXIT, UsageError } from '../../errors.ts';
import { type KeyChange, keyChanges, parsed } from '../../services/env/changes.ts';
import {
  type Edit,
  findVersion,
  prunable,
  restoring,
  setting,
  unsetting,
} from '../../services/env/operations.ts';
import { LARGEST_BYTES } from '../../services/env/problems.ts';
import { sameBytes } from '../../services/env/replace.ts';
import { EnvStore } from '../../services/env/store.ts';
import type { KeptVersion } from '../../services/env/versions.ts';
import { planChange } from '../../services/rollout/change.ts';
import { changedMeanwhile } from '../../services/rollout/env-write.ts';
import { envWish } from '../../services/rollout/wishes.ts';
import { answered } from '../change.ts';
import { planText } from '../change-text.ts';
import { type CommonOptions, note, print, printResult, projectDir, runCommand } from '../output.ts';
import { ask, confirm, mustBeAskable, readStdin } from '../prompt.ts';
import { applyAndTell, type Changing, withFleet } from './apply.ts';
import { historyOf, wholeNumber } from './look.ts';
import { changeLines, shortId, versionTable } from './text.ts';

export function set(key: string, options: Changing & { value?: string }): Promise<void> {
  return changing(options, async (store, dir, signal) => {
    const value = options.value ?? (await valueFor(key, signal));
    await applyAndTell(store, dir, setting(key, value), options, signal);
  });
}

export function unset(key: string, options: Changing): Promise<void> {
  return changing(options, (store, dir, signal) =>
    applyAndTell(store, dir, unsetting(store.file, key), options, signal),
  );
}

export function restore(word: string, options: Changing): Promise<void> {
  return changing(options, async (store, dir, signal) => {
    const version = findVersion(await historyOf(store, signal), word);
    const edit = await restoring(store, version.id);
    if (options.dryRun) return dryRun(store, dir, version.id, edit, options, signal);
    await confirmUnlessRollout(store, dir, edit, options, signal);
    await applyAndTell(store, dir, edit, options, signal);
  });
}

export function edit(options: Changing): Promise<void> {
  return changing(options, async (store, dir, signal) => {
    const { editCopy } = await import('../../services/env/editor.ts');
    if (!answered(options)) mustBeAskable(`Write this as ${store.file}?`);
    await historyOf(store, signal);
    const before = await store.live();
    const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
    const after = await editCopy(dir, before ?? Buffer.alloc(0), editor, signal);
    const of = (now: Buffer | null) => {
      if (!sameBytes(now, before)) throw changedMeanwhile(store.file);
      return after;
    };
    const edited: Edit = { reason: 'edited', of };
    if (!sameBytes(before, after)) await confirmUnlessRollout(store, dir, edited, options, signal);
    await applyAndTell(store, dir, edited, options, signal);
  });
}

function changing(
  options: Changing,
  work: (store: EnvStore, dir: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const dir = projectDir(options);
  return runCommand(options, async (signal) => {
    await work(new EnvStore(dir), dir, signal);
    return undefined;
  });
}

/** A rollout shows its plan with the difference and asks then. */
async function confirmUnlessRollout(
  store: EnvStore,
  dir: string,
  edit: Edit,
  options: Changing,
  signal: AbortSignal,
): Promise<void> {
  if (answered(options) || (await withFleet(dir, options, signal, async (fleet) => fleet !== null)))
    return;
  note(changeLines(await changesOf(store, edit), false));
  await confirm(`Write this as ${store.file}?`, false, signal);
}

async function dryRun(
  store: EnvStore,
  dir: string,
  id: string,
  edit: Edit,
  options: Changing,
  signal: AbortSignal,
): Promise<void> {
  const changes = await changesOf(store, edit);
  const before = await store.live();
  await withFleet(dir, options, signal, async (ground) => {
    const wish = envWish(edit.reason, before, edit.of(before));
    const planned = ground && changes.length > 0 ? await planChange(ground, wish, signal) : null;
    const text = [changeLines(changes, false), ...(planned ? [planText(planned)] : [])];
    const more = planned ? { plan: planned.operations, warnings: planned.warnings } : {};
    plan(options, { restore: id, changes, ...more }, text.join('\n'));
  });
}

async function changesOf(store: EnvStore, edit: Edit): Promise<KeyChange[]> {
  const before = await store.live();
  return keyChanges(parsed(before), parsed(edit.of(before)), { reveal: false });
}

export function save(options: CommonOptions & { reason: string }): Promise<void> {
  return runCommand(options, async (signal) => {
    const version = await new EnvStore(projectDir(options)).name(options.reason, signal);
    if (options.json) printResult({ event: 'result', ok: true, ...version });
    else print(`Kept as version ${shortId(version.id)}.`);
  });
}

export function prune(options: Changing & { keep: string; days: string }): Promise<void> {
  return runCommand(options, async (signal) => {
    const store = new EnvStore(projectDir(options));
    const keep = wholeNumber('--keep', options.keep);
    const rule = { keep, days: wholeNumber('--days', options.days) };
    const choose = (history: { versions: KeptVersion[]; current: string | null }) =>
      prunable(history, rule, Date.now());
    const history = await historyOf(store, signal);
    const chosen = choose(history);
    if (options.dryRun) {
      plan(options, { remove: chosen }, versionTable(chosen, null));
      return;
    }
    if (chosen.length > 0) {
      const question = `Remove ${plural(chosen.length, 'version')} for good?`;
      await confirm(question, answered(options), signal);
    }
    const removed = chosen.length > 0 ? await store.prune(choose, signal) : [];
    if (options.json) printResult({ event: 'result', ok: true, removed });
    else
      print(
        `${plural(removed.length, 'version')} removed, ${history.versions.length - removed.length} left.`,
      );
    return EXIT.done;
  });
}

/** Standard input when that is no terminal, else a question that does not show the answer. */
async function valueFor(key: string, signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) return ask(`Value of ${key} (not shown): `, { hidden: true, signal });
  const bytes = await readStdin(LARGEST_BYTES);
  if (!isUtf8(bytes)) throw badInput('env-value-encoding', 'The value is not UTF-8.', null);
  const value = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (value !== '') return value;
  const next = "To set an empty value, say so: --value ''.";
  throw badInput('env-value-missing', 'There was no value on standard input.', next);
}

function badInput(code: string, message: string, next: string | null): UsageError {
  return new UsageError({ code, message, next });
}

function plan(options: CommonOptions, value: object, text: string): void {
  if (options.json) printResult({ event: 'result', ok: true, dryRun: true, ...value });
  else print(text);
}
