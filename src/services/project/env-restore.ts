import type { Actions, RestorePlan } from '../../model/actions.ts';
import { keyChanges, parsed } from '../env/changes.ts';
import { apply, type Edit, findVersion, restoring } from '../env/operations.ts';
import { EnvStore } from '../env/store.ts';
import { type Ground, type Planned, planChange, runChange } from '../rollout/change.ts';
import { recover } from '../rollout/recover-jobs.ts';
import { envWish } from '../rollout/wishes.ts';
import { openFleet } from './open-fleet.ts';
import type { Project } from './project.ts';

type RestoreActions = Pick<Actions, 'envRestorePlan' | 'envRestore'>;

/** Brings versions of the .env back from the dashboard, replicas included where some are known. */
export class EnvRestore {
  readonly #project: Project;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(project: Project) {
    this.#project = project;
  }

  readonly actions: RestoreActions = {
    envRestorePlan: (id, signal) => this.#withFleet((ground) => this.#plan(ground, id, signal)),
    envRestore: (id, report) => {
      const work = this.#withFleet((ground) => this.#restore(ground, id, report));
      this.#running = work.catch(() => {});
      return work;
    },
  };

  /** What is under way is undone, and waited for. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #plan(ground: Ground | null, id: string, signal: AbortSignal): Promise<RestorePlan> {
    const { edit, before, after } = await this.#edit(id, signal);
    const changes = keyChanges(parsed(before), parsed(after), { reveal: false });
    if (!ground) return { changes, steps: [WRITE_ONLY], warnings: [], replicas: false };
    const { operations, warnings } = await planned(ground, edit.reason, before, after, signal);
    return { changes, steps: operations.map(({ words }) => words), warnings, replicas: true };
  }

  async #restore(
    ground: Ground | null,
    id: string,
    report: (words: string) => void,
  ): Promise<void> {
    const { signal } = this.#stop;
    const tell = ({ words, state }: { words: string; state: string }) => {
      if (state === 'doing') report(words);
    };
    if (ground) await recover(ground, tell, signal);
    const { store, edit, before, after } = await this.#edit(id, signal);
    if (ground) {
      await runChange(
        ground,
        await planned(ground, edit.reason, before, after, signal),
        tell,
        signal,
      );
    } else {
      await apply(store, edit, signal);
    }
  }

  async #edit(id: string, signal: AbortSignal) {
    const store = new EnvStore(this.#project.dir);
    const version = findVersion(await store.history(signal), id);
    const edit: Edit = await restoring(store, version.id);
    const before = await store.live();
    return { store, edit, before, after: edit.of(before) };
  }

  async #withFleet<T>(work: (ground: Ground | null) => Promise<T>): Promise<T> {
    const parts = await openFleet(this.#project);
    if (!parts) return work(null);
    const { close, ...rest } = parts;
    return work({ projectDir: this.#project.dir, ...rest }).finally(close);
  }
}

const WRITE_ONLY = 'write it as .env; replicas that run keep what they have until a deploy';

function planned(
  ground: Ground,
  reason: string,
  before: Uint8Array | null,
  after: Uint8Array,
  signal: AbortSignal,
): Promise<Planned> {
  return planChange(ground, envWish(reason, before, after), signal);
}
