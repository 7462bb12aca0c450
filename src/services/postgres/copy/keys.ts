import { indexOf } from '../dump/steps.ts';
import { postgresError } from '../errors.ts';
import { keyOf, type QualifiedName } from '../names.ts';
import type { RecordedStep } from './record.ts';
import { runStep } from './schema.ts';
import type { Session } from './session.ts';
import type { Relation } from './tables.ts';

/** Up to here, sorting in pieces that fit into a processor's cache is faster than in memory at once. */
const SMALL_BYTES = 1024 ** 3;
const SMALL_MEMORY = "set local maintenance_work_mem = '32MB'";

interface TableKeys {
  table: QualifiedName;
  /** Each may run beside the others; the costliest first. */
  builds: Build[];
  settings: string[];
  /** After all builds, one by one: they lock the table. */
  after: RecordedStep[];
  running: number;
}

interface Build {
  step: RecordedStep;
  cost: number;
}

/** Hands out the making of keys to several sessions: a table's when its rows are in. */
export class KeyQueue {
  readonly #tables = new Map<string, TableKeys>();
  readonly #ready: TableKeys[] = [];
  readonly #finished: (table: QualifiedName) => void;
  #waiting: Array<() => void> = [];
  #sealed = false;
  #open = 0;

  constructor(steps: readonly RecordedStep[], finished: (table: QualifiedName) => void) {
    this.#finished = finished;
    for (const step of steps) {
      if (step.state !== 'waiting' || !step.table) continue;
      const key = keyOf(step.table);
      const keys = this.#tables.get(key) ?? {
        ...{ table: step.table, builds: [], settings: [], after: [], running: 0 },
      };
      this.#tables.set(key, keys);
      if (step.build) keys.builds.push({ step, cost: 0 });
      else keys.after.push(step);
    }
  }

  /** The rows of `table` are in. */
  add(table: Relation): void {
    const keys = this.#tables.get(keyOf(table));
    if (!keys) {
      this.#finished(table);
      return;
    }
    this.#tables.delete(keyOf(table));
    if (table.bytes <= SMALL_BYTES) keys.settings.push(SMALL_MEMORY);
    for (const build of keys.builds) build.cost = table.indexCosts[indexOf(build.step.sql)] ?? 0;
    keys.builds.sort((a, b) => b.cost - a.cost);
    this.#open += 1;
    this.#ready.push(keys);
    this.#wake();
  }

  /** No table will be added any more. */
  seal(): void {
    this.#sealed = true;
    this.#wake();
  }

  /** Works until nothing is left; several may at once. */
  async work(session: Session, signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted && !(this.#sealed && this.#open === 0)) {
        const keys = this.#next();
        if (keys) await this.#advance(keys, session, signal);
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      if (signal.aborted) throw postgresError(signal.reason, session.dialled.where);
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** What takes a moment and ends a table, then what takes longest, so that nobody waits for it alone. */
  #next(): TableKeys | undefined {
    const ending = this.#ready.find(({ builds, running }) => builds.length === 0 && running === 0);
    const building = this.#ready.filter(({ builds }) => builds.length > 0);
    const costOf = ({ builds }: TableKeys) => builds[0]?.cost ?? 0;
    return ending ?? building.sort((a, b) => costOf(b) - costOf(a))[0];
  }

  async #advance(keys: TableKeys, session: Session, signal: AbortSignal): Promise<void> {
    const build = keys.builds.shift();
    keys.running += 1;
    if (build) await runStep(session, build.step, signal, keys.settings);
    else for (const step of keys.after.splice(0)) await runStep(session, step, signal);
    keys.running -= 1;
    if (keys.builds.length + keys.after.length + keys.running === 0) this.#finish(keys);
    this.#wake();
  }

  #finish(keys: TableKeys): void {
    this.#ready.splice(this.#ready.indexOf(keys), 1);
    this.#open -= 1;
    this.#finished(keys.table);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
