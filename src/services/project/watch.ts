import type { Actions } from '../../model/actions.ts';
import type { LookKind, Looks } from '../../model/panes.ts';
import type { ProjectInfo } from '../../model/project.ts';
import type { Probe } from '../../ports/probe.ts';

/** Everything that can be read and done for one project, from whatever systems it consists of. */
export interface Watch {
  info: ProjectInfo;
  probes: { [Kind in LookKind]: Array<Probe<Looks[Kind]>> };
  /** Why there is no probe of a kind. */
  absent: Partial<Record<LookKind, { why: string; next: string | null }>>;
  actions: Actions;
  close(): Promise<void>;
}
