import type { FollowProgress } from '../../../model/migration.ts';
import type { Problem } from '../../../model/problem.ts';
import type { Lsn } from './lsn.ts';

const RATE_OVER_MS = 3000;

interface Beat {
  lsn: Lsn;
  at: number;
}

/** Turns positions and counts, with the times they were seen at (ms), into progress. */
export class Pulse {
  #beats: Beat[] = [];
  #lagMs: number | null = null;
  #newest: Lsn | null = null;
  #reached: Lsn | null = null;
  #changes = 0;
  #samples: Array<{ at: number; changes: number }> = [];
  waiting: Problem | null = null;

  /** The source's log was at `lsn` at the time `at`. */
  beat(lsn: Lsn, at: number): void {
    this.#newest = lsn;
    this.#beats.push({ lsn, at });
    // While nothing gets through, the oldest is the one that tells.
    if (this.#beats.length > 1000) this.#beats.splice(1, 1);
  }

  reached(lsn: Lsn, at: number): void {
    this.#reached = lsn;
    while (this.#beats[0] && this.#beats[0].lsn <= lsn) {
      this.#lagMs = at - this.#beats[0].at;
      this.#beats.shift();
    }
  }

  applied(changes: number, at: number): void {
    this.#changes += changes;
    this.#samples.push({ at, changes });
  }

  progress(now: number): FollowProgress {
    this.#samples = this.#samples.filter(({ at }) => now - at < RATE_OVER_MS);
    const recent = this.#samples.reduce((sum, { changes }) => sum + changes, 0);
    const oldest = this.#beats[0] ? now - this.#beats[0].at : null;
    const behind =
      this.#newest === null || this.#reached === null ? null : this.#newest - this.#reached;
    return {
      lagMs: this.#lagMs === null ? null : Math.max(this.#lagMs, oldest ?? 0),
      behindBytes: behind === null ? null : Number(behind > 0n ? behind : 0n),
      changes: this.#changes,
      changesPerSecond: Math.round((recent * 1000) / RATE_OVER_MS),
      waiting: this.waiting,
    };
  }
}
