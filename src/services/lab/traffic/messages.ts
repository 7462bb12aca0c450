/** How the generator is started: by its environment, as all programs of the lab are. */
export interface TrafficSettings {
  url: string;
  perSecond: number;
  spikePerSecond: number;
  /** Where the lab is written down, to be cleaned up when its host is gone. */
  registration: string;
}

export const TRAFFIC_VARIABLE = 'PORTSYNC_LAB_TRAFFIC';

/** From the host. */
export interface TrafficOrder {
  spike: boolean;
}

/** To the host, twice a second: totals since the generator's start. */
export interface TrafficReport {
  sent: number;
  failed: number;
  failedBy: Record<string, number>;
}
