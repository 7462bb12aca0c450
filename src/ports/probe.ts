/** Reads one outside system again and again. Rates are its own business: it keeps the last sample. */
export interface Probe<T> {
  /** Unique among the probes of a pane: an engine's URL, a node's name. */
  readonly id: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** @throws PortSyncError, always translated, when the system could not be read. */
  read(signal: AbortSignal): Promise<T>;
  /** What can be told sooner than a whole reading, and is shown until that is there. */
  preview?(signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}
