/** What the header and the menus say of the project that is watched. */
export interface ProjectInfo {
  name: string;
  /** Null when a machine is watched without a project directory. */
  dir: string | null;
  lab: boolean;
  readOnly: boolean;
}

/** The machine PortSync runs on, for the start menu. */
export interface MachineInfo {
  cores: number;
  memoryBytes: number;
  /** Version of the Docker engine here; null when none answers. */
  docker: string | null;
  /** Where a new project would be made, unless somebody says otherwise. */
  dir: string;
}
