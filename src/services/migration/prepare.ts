import { ExternalError } from '../../errors.ts';
import { orAborted } from '../../limit.ts';
import type { Finding } from '../../model/finding.ts';
import type { CopyProgress, Preflight } from '../../model/migration.ts';
import { now } from './book.ts';
import type { Parts } from './parts.ts';

/** Preflight and copy, or what is left of them; the target is fenced when this resolves. */
export async function prepare(parts: Parts, signal: AbortSignal): Promise<void> {
  const { book, mover } = parts;
  const { state } = book.migration;
  if (state === 'idle') await book.enter('begun');
  if (state === 'failed') await book.enter('resumed');
  if (!book.position.touched) await lookAtBoth(parts, signal);
  if (book.migration.state === 'preflight') await book.enter('checked');
  if (!book.position.copied) await copy(parts, signal);
  await orAborted(mover.fence('target', signal), signal);
  if (book.migration.state === 'copying') await book.enter('copied');
}

async function lookAtBoth({ book, mover }: Parts, signal: AbortSignal): Promise<void> {
  const preflight = await orAborted(mover.preflight(signal), signal);
  book.show({ preflight });
  const blockers = blockersOf(preflight);
  if (blockers.length > 0) throw blocked(blockers);
}

async function copy({ book, mover }: Parts, signal: AbortSignal): Promise<void> {
  await book.note({ step: 'copy' });
  const startedAt = book.migration.copy?.startedAt ?? now();
  const report = (progress: CopyProgress) =>
    book.show({ copy: { ...progress, startedAt, endedAt: null } });
  await orAborted(mover.copy(report, signal), signal);
  await book.note({ step: 'copied' });
  const { copy } = book.migration;
  book.show({ copy: copy && { ...copy, step: 'done', endedAt: now() } });
}

export function blockersOf({ findings }: Preflight): Finding[] {
  return findings.filter(({ severity }) => severity === 'blocker');
}

function blocked(blockers: readonly Finding[]): ExternalError {
  const [first] = blockers;
  const more = blockers.length - 1;
  return new ExternalError({
    code: 'preflight-blocked',
    message: `The database cannot be moved yet: ${first?.message ?? ''}${more > 0 ? ` (and ${more} more)` : ''}`,
    why: first?.why ?? null,
    next: first?.cure ?? 'portsync migrate preflight TARGET shows all findings.',
  });
}
