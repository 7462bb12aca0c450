import type { LookKind, Looks } from '../model/panes.ts';
import type { Reading } from '../model/reading.ts';
import type { Sources } from '../ports/sources.ts';
import type { Event, ReadingEvent } from './events.ts';
import { poll } from './poller.ts';

/** Reads every source until `signal` aborts, and tells what was read. */
export function startWatching(
  { probes, absent }: Sources,
  dispatch: (event: Event) => void,
  signal: AbortSignal,
): void {
  const watch = <K extends LookKind>(pane: K) => {
    const tell = (id: string, reading: Reading<Looks[K]>) =>
      dispatch({ type: 'reading', pane, id, reading } as ReadingEvent);
    for (const probe of probes[pane]) {
      void poll(probe, (reading) => tell(probe.id, reading as Reading<Looks[K]>), signal);
    }
    const absence = absent[pane];
    if (probes[pane].length === 0 && absence) tell(pane, { state: 'absent', ...absence });
  };
  for (const pane of Object.keys(probes) as LookKind[]) watch(pane);
}
