/** The programs that read a .env, each in its own way. */
export const READERS = ['dotenv', 'compose', 'run', 'stack'] as const;
export type Reader = (typeof READERS)[number];

export const READER_NAMES: Record<Reader, string> = {
  dotenv: 'dotenv',
  compose: 'docker compose',
  run: 'docker run --env-file',
  stack: 'docker stack deploy',
};

/** What one of them makes of a file. */
export interface EnvReading {
  values: ReadonlyMap<string, string>;
  /** Names without a value: taken from the shell's environment, where they are set. */
  inherited: ReadonlySet<string>;
  /** Set when the program refuses the whole file. Never contains a value. */
  refused: { line: number; why: string } | null;
}

/** Thrown inside a reader; becomes `refused`. */
export class Refusal extends Error {
  readonly line: number;

  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

export function refusable(
  read: (values: Map<string, string>, inherited: Set<string>) => void,
): EnvReading {
  const values = new Map<string, string>();
  const inherited = new Set<string>();
  try {
    read(values, inherited);
    return { values, inherited, refused: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const refused = { line: error.line, why: error.message };
    return { values: new Map(), inherited: new Set(), refused };
  }
}
