/** What PortSync reads of a swarm manager's answers (Engine API 1.41 and newer). */

export interface Info {
  ID: string;
  Name: string;
  NCPU: number;
  MemTotal: number;
  ServerVersion: string;
  /** Where it keeps images, containers and volumes. */
  DockerRootDir: string;
  Swarm: {
    NodeID: string;
    LocalNodeState: 'inactive' | 'pending' | 'active' | 'error' | 'locked';
    ControlAvailable: boolean;
  };
}

export interface Node {
  ID: string;
  Spec: { Role: 'manager' | 'worker'; Labels?: Record<string, string> };
  Description: { Hostname: string };
  Status: { State: string; Addr?: string };
  ManagerStatus?: { Leader?: boolean };
}

export interface ContainerSpec {
  Image: string;
  Labels?: Record<string, string>;
  Env?: string[];
}

export interface ServiceSpec {
  Name: string;
  Labels?: Record<string, string>;
  TaskTemplate: {
    ContainerSpec: ContainerSpec;
    Placement?: { Constraints?: string[] };
    ForceUpdate?: number;
  };
  Mode: { Replicated?: { Replicas: number } };
}

export interface Service {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  Spec: ServiceSpec;
  UpdateStatus?: { State?: string };
}

export interface Task {
  ID: string;
  CreatedAt: string;
  ServiceID: string;
  Slot?: number;
  NodeID?: string;
  DesiredState: string;
  Spec: {
    ContainerSpec: ContainerSpec;
    Resources?: { Limits?: { MemoryBytes?: number } };
  };
  Status: {
    Timestamp: string;
    State: string;
    Message?: string;
    Err?: string;
    ContainerStatus?: { ContainerID?: string; ExitCode?: number };
  };
  NetworksAttachments?: Array<{ Addresses?: string[] }> | null;
}

export interface Network {
  Id: string;
  Name: string;
  Driver: string;
}
