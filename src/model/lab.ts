/** What the lab's traffic generator does now. */
export interface LabFigures {
  spike: boolean;
  /** Sent per second, as planned (the generator does not wait for answers). */
  plannedPerSecond: number;
  sent: number;
  failed: number;
  /** How often each reason occurred: `POST status 502`, `ECONNRESET`, … */
  failedBy: Readonly<Record<string, number>>;
}
