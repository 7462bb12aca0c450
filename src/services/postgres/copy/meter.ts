import type { CopyProgress, ObjectProgress } from '../../../model/migration.ts';
import { keyOf, type QualifiedName, shown } from '../names.ts';

const PAUSE_MS = 200;

/** Counts what passes and tells it, a few times a second at most. */
export class CopyMeter {
  readonly #report: (progress: CopyProgress) => void;
  #step: CopyProgress['step'] = 'schema';
  #objects = new Map<string, ObjectProgress>();
  #timer: NodeJS.Timeout | null = null;

  constructor(report: (progress: CopyProgress) => void) {
    this.#report = report;
  }

  /** Told at once. */
  step(step: CopyProgress['step']): void {
    this.#step = step;
    this.flush();
  }

  /** @param copied those that an earlier run has copied */
  begin(
    tables: ReadonlyArray<QualifiedName & { bytes: number }>,
    copied: ReadonlySet<string>,
  ): void {
    this.#objects = new Map(
      tables.map((table) => {
        const key = keyOf(table);
        const there = copied.has(key);
        const bytes = there ? table.bytes : 0;
        const state = there ? 'indexing' : 'waiting';
        return [key, { name: shown(table), state, bytes, totalBytes: table.bytes, rows: 0 }];
      }),
    );
    this.#soon();
  }

  moved(table: QualifiedName, bytes: number): void {
    const object = this.#objects.get(keyOf(table));
    if (!object) return;
    object.state = 'copying';
    object.bytes += bytes;
    object.totalBytes = Math.max(object.totalBytes, object.bytes);
    this.#soon();
  }

  /** Some or all rows of it are at the target. */
  arrived(table: QualifiedName, rows: number): void {
    const object = this.#objects.get(keyOf(table));
    if (object) object.rows += rows;
  }

  state(table: QualifiedName, state: 'indexing' | 'done'): void {
    const object = this.#objects.get(keyOf(table));
    if (!object) return;
    object.state = state;
    // What was foreseen was the size on disk; from here on it is known.
    object.totalBytes = object.bytes;
    this.#soon();
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const objects = [...this.#objects.values()].map((object) => ({ ...object }));
    const sum = (of: 'bytes' | 'totalBytes' | 'rows') =>
      objects.reduce((total, object) => total + object[of], 0);
    const totals = { bytes: sum('bytes'), totalBytes: sum('totalBytes'), rows: sum('rows') };
    this.#report({ step: this.#step, ...totals, objects });
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.flush(), PAUSE_MS).unref();
  }
}
