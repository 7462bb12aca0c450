import { parseText } from '../document.ts';
import { readCompose } from './compose.ts';
import { readEnvFile, readStack } from './env-file.ts';
import type { EnvReading, Reader } from './reading.ts';

/** How each program reads a file, in an empty shell. */
export const READ: Record<Reader, (text: string) => EnvReading> = {
  dotenv: (text) => ({ values: parseText(text).values, inherited: new Set(), refused: null }),
  compose: (text) => readCompose(text),
  run: readEnvFile,
  stack: readStack,
};
