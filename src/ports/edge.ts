import type { Colour } from '../model/container.ts';
import type { Traffic } from '../model/traffic.ts';

export interface HoldReport {
  /** From the first held request to its release. */
  heldMs: number;
  heldRequests: number;
  /** Held requests whose client was not given the replica's answer. */
  failedRequests: number;
  /** True when the deadline released them, and not we. */
  expired: boolean;
}

/** The load balancer: the lab's own, or HAProxy on every edge. */
export interface Edge {
  traffic(signal: AbortSignal): Promise<Traffic>;
  /** Resolves when `replicas` of `colour` or more answer the edge's own checks: it may find them late. */
  sees(colour: Colour, replicas: number, signal: AbortSignal): Promise<void>;
  /** New requests wait from now on; the edge lets them go by itself after `deadlineMs`. */
  hold(deadlineMs: number, signal: AbortSignal): Promise<void>;
  /** Resolves when no request is running at the replicas of `colour`. */
  drained(colour: Colour, signal: AbortSignal): Promise<void>;
  /** From now on every request goes to `colour`, in one step. */
  switchTo(colour: Colour, signal: AbortSignal): Promise<void>;
  /**
   * From now on `colour` answers where no replica of the serving colour is left, until it is drained or
   * anything is switched. Absent where the edge has no such thing.
   */
  spare?(colour: Colour, signal: AbortSignal): Promise<void>;
  release(signal: AbortSignal): Promise<HoldReport>;
  close(): Promise<void>;
}
