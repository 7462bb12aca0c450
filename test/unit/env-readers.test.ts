import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCompose } from '../../src/services/env/readers/compose.ts';
import { readEnvFile, readStack } from '../../src/services/env/readers/env-file.ts';
import type { EnvReading } from '../../src/services/env/readers/reading.ts';
import type { EnvCase } from '../rig/env-corpus.ts';

// Made by scripts/record-env-corpus.ts with the real tools.
const corpus: EnvCase[] = JSON.parse(
  readFileSync(new URL('../rig/env-corpus.json', import.meta.url), 'utf8'),
);

const differing = (read: (text: string) => EnvReading, tool: 'compose' | 'run' | 'stack') =>
  corpus
    .map((each) => ({ text: each.text, tool: each[tool], ours: asObject(read(each.text)) }))
    .filter(({ tool, ours }) => JSON.stringify(sorted(tool)) !== JSON.stringify(sorted(ours)));

describe('a .env is read as the real tool read it', () => {
  it('by docker compose', () => expect(differing(readCompose, 'compose')).toEqual([]));
  it('by docker run --env-file', () => expect(differing(readEnvFile, 'run')).toEqual([]));
  it('by docker stack deploy', () => expect(differing(readStack, 'stack')).toEqual([]));
  it('from files that each of them took, and files that each refused', () => {
    for (const tool of ['compose', 'run', 'stack'] as const) {
      const taken = corpus.filter((each) => each[tool] !== null).length;
      expect(taken).toBeGreaterThan(1000);
      expect(corpus.length - taken).toBeGreaterThan(100);
    }
  });
});

describe('a refused file', () => {
  it('is refused with the line, and without what stands in it', () => {
    expect(readCompose('A=1\nB="secret\n').refused).toEqual({
      line: 2,
      why: 'a quote is not closed',
    });
    expect(readEnvFile('A=1\nexport B=secret\n').refused?.line).toBe(2);
    expect(readStack('A=1\nB="{{.x}}"\n').refused?.line).toBe(2);
    expect(readEnvFile(`A=${'x'.repeat(70_000)}`).refused?.why).toContain('64 KiB');
  });
});

describe('docker compose', () => {
  it('takes a name alone from the shell, and prefers the shell for $NAME', () => {
    const shell = new Map([['A', 'shell']]);
    expect(readCompose('A\nB=$A\n', shell).values).toEqual(
      new Map([
        ['A', 'shell'],
        ['B', 'shell'],
      ]),
    );
    expect(readCompose('A\n').inherited).toEqual(new Set(['A']));
  });
});

function asObject({ values, refused }: EnvReading): Record<string, string> | null {
  return refused ? null : Object.fromEntries(values);
}

function sorted(values: Record<string, string> | null): Array<[string, string]> | null {
  return values && Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
