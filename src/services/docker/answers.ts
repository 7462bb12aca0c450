/** What PortSync reads of the engine's answers (Engine API 1.41 and newer). */

export interface Listed {
  Id: string;
  /** Null of one that is being removed. */
  Names: string[] | null;
  Image: string;
  State: string;
  /** `Up 2 hours (healthy)`, `Exited (137) 5 minutes ago` */
  Status: string;
  Labels: Record<string, string> | null;
  /** Seconds since the epoch. */
  Created: number;
}

export interface Seen {
  Id: string;
  Name: string;
  Created: string;
  RestartCount: number;
  State: {
    Status: string;
    Pid: number;
    ExitCode: number;
    StartedAt: string;
    Health?: { Status: string } | undefined;
  };
  Config: {
    Image: string;
    Tty: boolean;
    Labels: Record<string, string> | null;
    Env?: string[] | null;
  };
  NetworkSettings?: { Networks?: Record<string, { IPAddress?: string }> | null } | undefined;
  HostConfig: { Memory?: number | undefined; NetworkMode?: string | undefined };
}

interface Counted {
  rx_bytes: number;
  tx_bytes: number;
}

export interface StatsAnswer {
  /** The engine's clock. */
  read: string;
  cpu_stats: { cpu_usage: { total_usage: number } };
  memory_stats: { usage?: number; stats?: Record<string, number> };
  networks?: Record<string, Counted>;
}
