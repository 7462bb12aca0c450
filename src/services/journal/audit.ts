import type { Outcome } from '../../model/job.ts';

interface AuditEntry {
  at: string;
  author: string;
  host: string;
  what: string;
  outcome: Outcome;
  /** The id of its journal. */
  job: string;
}

/** One line of `audit.log`: who changed what, from where, and what became of it. */
export function auditLine({ at, author, host, what, outcome, job }: AuditEntry): string {
  return `${JSON.stringify({ at, who: author, host, what, outcome, job })}\n`;
}
