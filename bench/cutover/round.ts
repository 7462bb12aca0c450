/** What a cut-over says of itself. */
export interface Figures {
  heldMs: number;
  heldRequests: number;
  failedRequests: number;
}

/** There and back once. */
export interface Round {
  forward: Figures;
  back: Figures;
  /** Requests that were not answered, during the whole round, and why. */
  failed: number;
  failedBy: Record<string, number>;
  sent: number;
  /** Writes that are missing or doubled, in words. */
  wrong: string[];
}

/** Where rounds are made. */
export interface Place {
  round(number: number): Promise<Round>;
  close(): Promise<void>;
}
