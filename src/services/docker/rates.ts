/** The counters of one container at one moment. */
export interface Sample {
  /** Which run of the container was counted: every start begins at zero. */
  run: string;
  /** Of a clock that never jumps; only differences mean something. */
  atMs: number;
  cpuNs: number;
  /** Without what the kernel would give back at once (inactive file pages). */
  memoryBytes: number | null;
  receivedBytes: number | null;
  sentBytes: number | null;
}

export interface Rates {
  /** 100 is one core. */
  cpuPercent: number | null;
  receivedBytesPerSecond: number | null;
  sentBytesPerSecond: number | null;
}

const UNKNOWN: Rates = {
  cpuPercent: null,
  receivedBytesPerSecond: null,
  sentBytesPerSecond: null,
};

/** Null where two samples of one run are not there yet, or a counter went back. */
export function rates(before: Sample | null, now: Sample): Rates {
  if (!before || before.run !== now.run) return UNKNOWN;
  const ms = now.atMs - before.atMs;
  if (ms <= 0) return UNKNOWN;
  const perSecond = (was: number | null, is: number | null) =>
    was === null || is === null || is < was ? null : ((is - was) * 1000) / ms;
  const cpuNsPerSecond = perSecond(before.cpuNs, now.cpuNs);
  return {
    cpuPercent: cpuNsPerSecond === null ? null : cpuNsPerSecond / 1e7,
    receivedBytesPerSecond: perSecond(before.receivedBytes, now.receivedBytes),
    sentBytesPerSecond: perSecond(before.sentBytes, now.sentBytes),
  };
}
