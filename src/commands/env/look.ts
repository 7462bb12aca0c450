import { UsageError } from '../../errors.ts';
import { findVersion } from '../../services/env/operations.ts';
import { missing } from '../../services/env/problems.ts';
import { EnvStore, type FullHistory } from '../../services/env/store.ts';
import { type CommonOptions, note, print, printResult, projectDir, runCommand } from '../output.ts';
import { changeLines, keyList, lineDiff, printable, versionTable } from './text.ts';

interface Look extends CommonOptions {
  reveal?: boolean;
}

export function list(options: CommonOptions & { limit: string }): Promise<void> {
  return runCommand(options, async (signal) => {
    const limit = wholeNumber('--limit', options.limit);
    const { versions, current } = await historyOf(new EnvStore(projectDir(options)), signal);
    if (options.json) {
      printResult(versions.map((version) => ({ ...version, current: version.id === current })));
      return;
    }
    if (versions.length === 0) throw missing(new EnvStore(projectDir(options)).file);
    const shown = limit === 0 ? versions : versions.slice(0, limit);
    print(versionTable(shown, current));
    if (shown.length < versions.length) {
      note(`${versions.length - shown.length} older: portsync env list --limit 0`);
    }
  });
}

export function show(id: string | undefined, options: Look & { raw?: boolean }): Promise<void> {
  return runCommand(options, async (signal) => {
    const { parseBytes } = await import('../../services/env/document.ts');
    const store = new EnvStore(projectDir(options));
    const history = await historyOf(store, signal);
    const version = id === undefined ? null : findVersion(history, id);
    const content = version ? await store.content(version.id) : await store.live();
    if (!content) throw missing(store.file);
    if (options.raw && !options.json) {
      await printRaw(content, options.reveal ?? false);
      return;
    }
    const keys = [...parseBytes(content).values].map(([key, value]) => ({
      key,
      value: options.reveal ? value : null,
    }));
    const raw = options.raw && options.reveal ? { base64: content.toString('base64') } : {};
    if (options.json) printResult({ file: store.file, version, keys, ...raw });
    else print(keyList(keys));
  });
}

export function diff(
  from: string | undefined,
  to: string | undefined,
  options: Look & { lines?: boolean },
): Promise<void> {
  return runCommand(options, async (signal) => {
    const { keyChanges, parsed } = await import('../../services/env/changes.ts');
    const { lineChanges } = await import('../../services/env/lines.ts');
    const store = new EnvStore(projectDir(options));
    const history = await historyOf(store, signal);
    const older = from === undefined ? (history.versions[1] ?? null) : findVersion(history, from);
    const newer = to === undefined ? null : findVersion(history, to);
    const before = parsed(older ? await store.content(older.id) : null);
    const after = parsed(newer ? await store.content(newer.id) : await store.live());
    const reveal = options.reveal ?? false;
    const changes = keyChanges(before, after, { reveal });
    const lines = options.lines ? lineChanges(before, after, { reveal }) : null;
    if (options.json) {
      const ends = { from: older?.id ?? null, to: newer?.id ?? history.current };
      printResult({ ...ends, changes, ...(lines ? { lines } : {}) });
    } else {
      print(lines ? lineDiff(lines) : changeLines(changes, reveal));
    }
  });
}

/** The history; a change that could not be kept is said, and does not hide the rest. */
export async function historyOf(store: EnvStore, signal: AbortSignal): Promise<FullHistory> {
  const history = await store.history(signal);
  const { notRecorded } = history;
  if (notRecorded) {
    note('The file changed, and this could not be kept as a version.');
    note([notRecorded.message, notRecorded.why, notRecorded.next].filter(Boolean).join('\n'));
  }
  return history;
}

async function printRaw(content: Buffer, reveal: boolean): Promise<void> {
  if (reveal) {
    process.stdout.write(content);
    return;
  }
  const { parseBytes } = await import('../../services/env/document.ts');
  const { maskedText } = await import('../../services/env/lines.ts');
  process.stdout.write(printable(maskedText(parseBytes(content))));
}

export function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError({
    code: 'usage',
    message: `${option} takes a whole number, not “${text}”.`,
  });
}
