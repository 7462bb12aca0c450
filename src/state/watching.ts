import type { LookKind, Looks } from '../model/panes.ts';
import type { Reading } from '../model/reading.ts';
import type { Probe } from '../ports/probe.ts';
import type { Sources } from '../ports/sources.ts';
import type { Event, ReadingEvent } from './events.ts';
import { follow, glimpse } from './poller.ts';

/**
 * Reads every source until `signal` aborts, and tells what was read. At once only what can be told at
 * once; everything else begins with `drawn`, when there is a screen that shows it. Resolves when what
 * can be told at once is told.
 */
export async function startWatching(
  { probes, absent }: Sources,
  dispatch: (event: Event) => void,
  signal: AbortSignal,
  drawn: Promise<void>,
): Promise<void> {
  const glimpses: Array<Promise<unknown>> = [];
  const watch = <K extends LookKind>(pane: K) => {
    const tell = (id: string, reading: Reading<Looks[K]>) =>
      dispatch({ type: 'reading', pane, id, reading } as ReadingEvent);
    for (const probe of probes[pane] as readonly Probe<Looks[K]>[]) {
      const onReading = (reading: Reading<Looks[K]>) => tell(probe.id, reading);
      const first = glimpse(probe, onReading, signal);
      glimpses.push(first);
      void drawn.then(async () => follow(probe, await first, onReading, signal));
    }
    const absence = absent[pane];
    if (probes[pane].length === 0 && absence) tell(pane, { state: 'absent', ...absence });
  };
  for (const pane of Object.keys(probes) as LookKind[]) watch(pane);
  await Promise.all(glimpses);
}
