import type { LookKind, Looks } from '../../model/panes.ts';
import type { Reading } from '../../model/reading.ts';
import type { Probe } from '../../ports/probe.ts';
import { glance } from '../../state/glance.ts';
import type { Watch } from './watch.ts';

/** What each source of a kind said, by its id. */
export type Seen = { [Kind in LookKind]: Array<{ id: string; reading: Reading<Looks[Kind]> }> };

/** Every source of `watch` at once; one that does not answer is stale, and holds nothing up. */
export async function lookOnce(watch: Watch, signal: AbortSignal): Promise<Seen> {
  const entries = await Promise.all(
    (Object.keys(watch.probes) as LookKind[]).map(
      async (kind) => [kind, await seen(watch, kind, signal)] as const,
    ),
  );
  return Object.fromEntries(entries) as unknown as Seen;
}

async function seen(watch: Watch, kind: LookKind, signal: AbortSignal) {
  const absent = watch.absent[kind];
  const probes: ReadonlyArray<Probe<unknown>> = watch.probes[kind];
  if (probes.length === 0 && absent) {
    return [{ id: kind, reading: { state: 'absent', ...absent } as const }];
  }
  return Promise.all(
    probes.map(async (probe) => ({ id: probe.id, reading: await glance(probe, signal) })),
  );
}
