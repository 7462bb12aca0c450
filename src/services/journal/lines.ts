import * as z from 'zod/mini';
import type { Job } from '../../model/job.ts';

const head = z.object({
  line: z.literal('job'),
  kind: z.string(),
  what: z.string(),
  at: z.string(),
  author: z.string(),
  host: z.string(),
  owner: z.string(),
  plan: z.array(z.object({ id: z.string(), words: z.string() })),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

const operation = z.object({
  line: z.literal('operation'),
  id: z.string(),
  state: z.enum(['doing', 'done', 'failed']),
  at: z.string(),
  problem: z.nullable(z.object({ code: z.string(), message: z.string() })),
});

const end = z.object({
  line: z.literal('end'),
  outcome: z.enum(['done', 'undone', 'failed']),
  at: z.string(),
});

const anyLine = z.discriminatedUnion('line', [head, operation, end]);

export type JobHead = Omit<z.infer<typeof head>, 'line'>;
export type JournalLine = z.infer<typeof anyLine>;

export function lineText(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * A journal's text. A line that a death cut off counts as not written: what it announced had not
 * begun. Null where even the first is missing, so that nothing had.
 */
export function parseJob(id: string, text: string): Job | null {
  const lines = text.split('\n').flatMap((each) => parseLine(each) ?? []);
  const first = lines.find((each) => each.line === 'job');
  if (!first) return null;
  const { line: _, ...rest } = first;
  const job: Job = { id, ...rest, operations: [], outcome: null };
  for (const each of lines) {
    if (each.line === 'end') job.outcome = each.outcome;
    if (each.line !== 'operation') continue;
    const { line: _line, ...record } = each;
    const known = job.operations.findIndex((other) => other.id === record.id);
    if (known === -1) job.operations.push(record);
    else job.operations[known] = record;
  }
  return job;
}

function parseLine(text: string): JournalLine | null {
  if (text === '') return null;
  try {
    const parsed = anyLine.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
