import type { DatabaseFigures } from '../../model/database.ts';
import type { Probe } from '../../ports/probe.ts';
import { databaseProbe } from '../database/probe.ts';
import { reachableUrl } from '../starter/reach.ts';
import type { Project } from './project.ts';

/** Watches a database whose container gets another address with each start. */
export class ReachedProbe implements Probe<DatabaseFigures> {
  readonly id: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly #project: Project;
  readonly #url: string;
  #probe: Probe<DatabaseFigures>;
  #reached: string;
  /** Its address is looked for before the first reading and after each that failed. */
  #found = false;

  constructor(project: Project, url: string) {
    this.#project = project;
    this.#url = url;
    this.#reached = url;
    this.#probe = databaseProbe(url);
    this.id = this.#probe.id;
    this.everyMs = this.#probe.everyMs;
    this.timeoutMs = this.#probe.timeoutMs;
  }

  async read(signal: AbortSignal): Promise<DatabaseFigures> {
    if (!this.#found) await this.#find(signal);
    try {
      return await this.#probe.read(signal);
    } catch (error) {
      this.#found = false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#probe.close();
  }

  async #find(signal: AbortSignal): Promise<void> {
    // Without an engine the URL itself is tried, and its error is the one that tells.
    const url = await reachableUrl(this.#project, this.#url, signal).catch(() => this.#url);
    if (url !== this.#reached) {
      await this.#probe.close();
      this.#probe = databaseProbe(url);
      this.#reached = url;
    }
    this.#found = true;
  }
}
