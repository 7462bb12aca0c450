import { isUtf8 } from 'node:buffer';
import { plural } from '../../components/format.ts';
import { EXIT, UsageError } from '../../errors.ts';
import { type KeyChange, keyChanges, needsRebuild, parsed } from '../../services/env/changes.ts';
import {
  findVersion,
  prunable,
  restoreVersion,
  setVariable,
  unsetVariable,
} from '../../services/env/operations.ts';
import { LARGEST_BYTES } from '../../services/env/problems.ts';
import { sameBytes } from '../../services/env/replace.ts';
import { EnvStore, type Outcome } from '../../services/env/store.ts';
import type { KeptVersion } from '../../services/env/versions.ts';
import { type CommonOptions, note, print, printResult, projectDir, runCommand } from '../output.ts';
import { ask, confirm, mustBeAskable, readStdin } from '../prompt.ts';
import { historyOf, wholeNumber } from './look.ts';
import { changeLines, shortId, versionTable } from './text.ts';

interface Changing extends CommonOptions {
  deploy: boolean;
  yes?: boolean;
  dryRun?: boolean;
}

export function set(key: string, options: Changing & { value?: string }): Promise<void> {
  return runCommand(options, async (signal) => {
    const value = options.value ?? (await valueFor(key, signal));
    const store = new EnvStore(projectDir(options));
    tell(options, await setVariable(store, key, value, signal), [key]);
  });
}

export function unset(key: string, options: Changing): Promise<void> {
  return runCommand(options, async (signal) => {
    const store = new EnvStore(projectDir(options));
    tell(options, await unsetVariable(store, key, signal), [key]);
  });
}

export function restore(word: string, options: Changing): Promise<void> {
  return runCommand(options, async (signal) => {
    const store = new EnvStore(projectDir(options));
    const version = findVersion(await historyOf(store, signal), word);
    const before = parsed(await store.live());
    const changes = keyChanges(before, parsed(await store.content(version.id)), { reveal: false });
    if (options.dryRun) {
      plan(options, { restore: version.id, changes }, changeLines(changes, false));
      return;
    }
    if (!options.json) note(changeLines(changes, false));
    await confirm(`Write version ${shortId(version.id)} as ${store.file}?`, yes(options), signal);
    tell(options, await restoreVersion(store, version.id, signal), keysOf(changes));
  });
}

export function edit(options: Changing): Promise<void> {
  return runCommand(options, async (signal) => {
    const { editCopy } = await import('../../services/env/editor.ts');
    const dir = projectDir(options);
    const store = new EnvStore(dir);
    const question = `Write this as ${store.file}?`;
    if (!yes(options)) mustBeAskable(question);
    await historyOf(store, signal);
    const before = await store.live();
    const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
    const after = await editCopy(dir, before ?? Buffer.alloc(0), editor, signal);
    const changes = keyChanges(parsed(before), parsed(after), { reveal: false });
    if (!sameBytes(before, after)) {
      if (!options.json) note(changeLines(changes, false));
      await confirm(question, yes(options), signal);
    }
    const write = (now: Buffer | null) => {
      if (!sameBytes(now, before)) throw changedMeanwhile(store.file);
      return after;
    };
    tell(options, await store.change(write, 'edited', signal), keysOf(changes));
  });
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
      await confirm(question, yes(options), signal);
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

/** With --json no one reads a question: it has to be answered beforehand. */
function yes(options: Changing): boolean {
  if (!options.yes && options.json) {
    throw new UsageError({
      code: 'confirmation-needed',
      message: 'This has to be confirmed first. Nothing was changed.',
      next: 'Add --yes; --dry-run shows what would happen.',
    });
  }
  return options.yes ?? false;
}

function plan(options: CommonOptions, value: object, text: string): void {
  if (options.json) printResult({ event: 'result', ok: true, dryRun: true, ...value });
  else print(text);
}

function tell(options: Changing, { version, changed }: Outcome, keys: readonly string[]): void {
  const rebuild = changed ? keys.filter(needsRebuild) : [];
  if (options.json) {
    printResult({
      event: 'result',
      ok: true,
      ...version,
      written: changed,
      rebuild,
      deployed: false,
    });
    return;
  }
  if (!changed) {
    print(`Nothing to change: the file is as version ${shortId(version.id)}.`);
    return;
  }
  print(
    `Written, and kept as version ${shortId(version.id)}. To undo: portsync env restore previous`,
  );
  if (rebuild.length > 0) {
    note(
      `${rebuild.join(', ')}: Next.js writes these into the app when it is built; build a new image.`,
    );
  }
  if (options.deploy) note('Running replicas keep their old environment until the next deploy.');
}

function keysOf(changes: readonly KeyChange[]): string[] {
  return changes.map(({ key }) => key);
}

function changedMeanwhile(file: string): UsageError {
  return new UsageError({
    code: 'env-changed-meanwhile',
    message: `${file} was changed while you edited it. Your edit was not written.`,
    why: 'Writing it would have undone the other change.',
    next: 'Look at the change (portsync env diff), then edit again.',
  });
}
