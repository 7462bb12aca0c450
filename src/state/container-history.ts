import type { Container } from '../model/container.ts';
import { RECENT } from './history.ts';
import type { ContainerKey } from './state.ts';

/**
 * What one look saw of an engine's containers, as one block of numbers. With an object for each figure
 * of a hundred containers, the history was most of what the garbage collector had to carry about.
 */
export interface ContainersLook {
  /** The same array as in the look before, while the same containers are there. */
  readonly ids: readonly string[];
  /** Those of each container in turn; NaN where nothing was known. */
  readonly figures: Float32Array;
}

const KEYS: readonly ContainerKey[] = ['cpu', 'memory'];
/** Past this many, an engine's containers keep no history: it would cost more than it shows. */
const LIMIT = 100;

/** `seen` is false where `containers` is what is left of an earlier look: that leaves a gap. */
export function withLook(
  looks: readonly ContainersLook[],
  containers: readonly Container[],
  seen: boolean,
): readonly ContainersLook[] {
  if (containers.length > LIMIT) return [];
  const figures = new Float32Array(KEYS.length * containers.length).fill(Number.NaN);
  if (seen) {
    containers.forEach(({ cpuPercent, memoryBytes }, at) => {
      figures.set([cpuPercent ?? Number.NaN, memoryBytes ?? Number.NaN], KEYS.length * at);
    });
  }
  return [...looks.slice(1 - RECENT), { ids: idsOf(containers, looks.at(-1)?.ids), figures }];
}

function idsOf(containers: readonly Container[], before: readonly string[] = []) {
  const same =
    before.length === containers.length && containers.every(({ id }, at) => id === before[at]);
  return same ? before : containers.map(({ id }) => id);
}

/** One container's figures, oldest first, of the looks that it was there for; null is a gap. */
export function courseOf(
  looks: readonly ContainersLook[],
  id: string,
  key: ContainerKey,
): Array<number | null> {
  return looks.flatMap(({ ids, figures }) => {
    const at = ids.indexOf(id);
    if (at < 0) return [];
    const figure = figures[KEYS.length * at + KEYS.indexOf(key)] ?? Number.NaN;
    return [Number.isNaN(figure) ? null : figure];
  });
}
