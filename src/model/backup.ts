/** The newest backup that PortSync made of the project's database. */
export interface Backup {
  at: string;
  sizeBytes: number;
  /** Whether it was restored once into an empty server to prove that it can be. */
  tested: boolean;
}
