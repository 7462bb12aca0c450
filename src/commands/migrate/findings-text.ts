import type { Finding } from '../../model/finding.ts';
import { oneLine } from '../output.ts';

const MARKS = { ok: 'ok', warning: 'look', blocker: 'BLOCKS' } as const;
const WIDTH = Math.max(...Object.values(MARKS).map((mark) => mark.length)) + 1;
const INDENT = ' '.repeat(WIDTH);

/** What stands in the way first, then what to look at, and what is well on one line. */
export function findingsText(findings: readonly Finding[]): string {
  const of = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity);
  const well = [...new Set(of('ok').map(({ id }) => oneLine(id)))];
  return [
    tally(findings),
    ...of('blocker').map(findingText),
    ...of('warning').map(findingText),
    ...(well.length > 0 ? [mark('ok') + well.join(', ')] : []),
  ].join('\n\n');
}

/** `14 ok · 2 look · 1 blocks` */
export function tally(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  return `${count('ok')} ok · ${count('warning')} look · ${count('blocker')} blocks`;
}

function findingText({ severity, id, message, why, cure }: Finding): string {
  const lines = [`${mark(severity)}${oneLine(message)}  [${oneLine(id)}]`];
  if (why) lines.push(`${INDENT}${oneLine(why)}`);
  // A cure of several statements keeps its lines, and nothing stands before them, so that it can be pasted.
  if (cure) lines.push(...cure.split('\n').map((line) => `${INDENT}    ${oneLine(line)}`));
  return lines.join('\n');
}

function mark(severity: Finding['severity']): string {
  return MARKS[severity].padEnd(WIDTH);
}
