import { textRow } from '../components/facts.ts';
import { bytesLong, count, duration, hundredths } from '../components/format.ts';
import type { Span } from '../components/spans.ts';
import { mark } from '../components/state-mark.ts';
import { pad, wrapped } from '../components/text.ts';
import type { Finding } from '../model/finding.ts';
import type { Estimate, Preflight } from '../model/migration.ts';
import type { FindingRow } from '../state/migration-draft.ts';

const SIGNS = { ok: 'good', warning: 'look', blocker: 'bad' } as const;
const WORDS = { ok: 'ok', warning: 'look', blocker: 'blocks' } as const;
const TONES = { ok: 'dim', warning: 'look', blocker: 'bad' } as const;

export function findingSpans({ finding }: FindingRow, ok: number, chosen: boolean): Span[] {
  const sign: Span = [chosen ? '›' : ' ', 'accent'];
  const tone = chosen ? 'strong' : 'plain';
  if (!finding) {
    return [' ', mark('good'), sign, [pad('ok', 7), 'dim'], [`${ok} more, all is well`, tone]];
  }
  const { severity, message } = finding;
  return [
    ' ',
    mark(SIGNS[severity]),
    sign,
    [pad(WORDS[severity], 7), TONES[severity]],
    [message, severity === 'ok' && !chosen ? 'dim' : tone],
  ];
}

/** All that is said of one finding; what is to be run keeps its lines. */
export function cureRows(row: FindingRow | null, width: number): Span[][] {
  if (!row) return [];
  const most = width - 2;
  if (!row.finding) return [[' ', ['enter shows them one by one.', 'dim']]];
  const { message, why, cure } = row.finding;
  return [
    ...wrapped(message, most).map((line): Span[] => [' ', [line, 'strong']]),
    ...wrapped(why ?? '', most).map((line): Span[] => [' ', line]),
    ...cureLines(row.finding, most),
    ...(cure === null && why === null ? [[' ', ['Nothing to do.', 'dim']] as Span[]] : []),
  ];
}

function cureLines({ cure }: Finding, most: number): Span[][] {
  if (cure === null) return [];
  return cure
    .split('\n')
    .flatMap((line) =>
      wrapped(line, most - 2).map((text, index): Span[] => [
        index === 0 ? [' › ', 'accent'] : '   ',
        text,
      ]),
    );
}

const LABEL = 9;

/** What it will take, and whether there will be a way back. */
export function needsRows({ estimate, wayBack }: Preflight, width: number): Span[][] {
  const back: Span[] = wayBack.possible
    ? textRow('way back', 'will be open until you finish', LABEL)
    : textRow(
        'way back',
        `none: ${wayBack.why ?? 'the new server does not allow it'}`,
        LABEL,
        'look',
      );
  if (!estimate) return [textRow('needs', 'not known', LABEL, 'dim'), back];
  return [
    textRow('copy', copyText(estimate), LABEL),
    textRow('pause', `about ${hundredths(estimate.pauseMs)} s, in which requests wait`, LABEL),
    textRow('needs', needsText(estimate, width), LABEL),
    back,
  ];
}

function copyText({ copyMs, bytes, rows }: Estimate): string {
  return `about ${duration(copyMs)} for ${bytesLong(bytes)}, ${count(rows)} rows; the app goes on`;
}

function needsText({ targetDiskBytes, logBytes, memoryBytes }: Estimate, width: number): string {
  const parts = [
    `${bytesLong(targetDiskBytes)} disk there`,
    logBytes === null ? null : `${bytesLong(logBytes)} for the log here`,
    memoryBytes === null ? null : `${bytesLong(memoryBytes)} memory here`,
  ].filter((part) => part !== null);
  return width < 60 ? parts.slice(0, 2).join(', ') : parts.join(', ');
}
