/** Reads one outside system again and again. Rates are its own business: it keeps the last sample. */
export interface Probe<T> {
  /** Unique among the probes of a pane: an engine's URL, a node's name. */
  readonly id: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** @throws PortSyncError, always translated, when the system could not be read. */
  read(signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}
