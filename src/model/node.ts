export interface Used {
  usedBytes: number;
  totalBytes: number;
}

/** Share of the last ten seconds in which some task waited for the resource, 0–100 (PSI `some avg10`). */
export interface Pressure {
  cpu: number;
  memory: number;
  io: number;
}

/** A machine as its kernel tells it. Rates are null until two looks were taken. */
export interface NodeFigures {
  name: string;
  /** `local`, or user@host:port. */
  address: string;
  cores: number;
  /** 0–100, of all cores together. */
  cpuPercent: number | null;
  /** The part of cpuPercent that the host gave to other machines; null where no host says so. */
  stealPercent?: number | null;
  load: [number, number, number];
  memory: Used;
  swap: Used;
  /** The file system that holds the engine's data, else the root. */
  disk: Used & { mount: string };
  /** Null on kernels without PSI. */
  pressure: Pressure | null;
  uptimeSeconds: number;
}
