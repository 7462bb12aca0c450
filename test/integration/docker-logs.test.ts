import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Container, LogLine } from '../../src/model/container.ts';
import { containerActions, dockerEngines, type Engine } from '../../src/services/docker/index.ts';
import { type ContainerOptions, dockerEngine, type EngineRig, startEngine } from '../rig/engine.ts';
import { describeWith } from '../rig/needs.ts';

const WAIT = { timeout: 30_000, interval: 100 };

describeWith(dockerEngine, 'logs of a real engine', () => {
  let rig: EngineRig;
  let engine: Engine;

  beforeAll(async () => {
    rig = await startEngine();
    const env = { HOME: '/nonexistent', DOCKER_HOST: `unix://${rig.socket}` };
    engine = (await dockerEngines({ env }))[0] as Engine;
  });

  afterAll(async () => {
    engine?.close();
    await rig?.close();
  });

  const logsOf = (
    id: string,
    tail: number,
    follow: boolean,
    signal = AbortSignal.timeout(50_000),
  ) =>
    containerActions([engine]).logs(
      { id, engine: engine.id } as Container,
      { tail, follow },
      signal,
    );

  async function all(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
    const seen: LogLine[] = [];
    for await (const line of lines) seen.push(line);
    return seen;
  }

  async function ended(name: string, shell: string, options: ContainerOptions = {}) {
    const id = await rig.run(name, shell, options);
    await rig.docker.getContainer(id).wait();
    return id;
  }

  it('follows 10,000 lines of both streams to the end, none lost, none twice', async () => {
    const half = (mark: string, to: string) =>
      `i=0; while [ $i -lt 5000 ]; do echo "${mark} $i ünïcode"; i=$((i+1)); done ${to}`;
    const id = await rig.run('counts', `(${half('out', '')}) & (${half('err', '')}) >&2; wait`);
    const lines = await all(logsOf(id, 20_000, true));
    expect(lines).toHaveLength(10_000);
    for (const [stream, mark] of [
      ['stdout', 'out'],
      ['stderr', 'err'],
    ] as const) {
      const texts = lines.filter((line) => line.stream === stream).map(({ text }) => text);
      expect(texts).toEqual(Array.from({ length: 5000 }, (_, at) => `${mark} ${at} ünïcode`));
    }
    expect(Date.parse(lines[0]?.at ?? '')).toBeGreaterThan(Date.now() - 600_000);
  });

  it('follows what is written after it began, and lets go when told', async () => {
    const id = await rig.run('live', 'i=0; while :; do echo line $i; i=$((i+1)); sleep 0.2; done');
    const stop = new AbortController();
    const seen: string[] = [];
    const done = (async () => {
      for await (const { text } of logsOf(id, 1, true, stop.signal)) seen.push(text);
    })();
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(4), WAIT);
    stop.abort();
    await done;
    const numbers = seen.map((text) => Number(text.slice(5)));
    expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
  });

  it('follows a container through its restarts, and gives its last words', async () => {
    const id = await rig.run('crashing', 'echo begin; sleep 1; echo end; exit 1', {
      HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    });
    const texts = (await all(logsOf(id, 100, true))).map(({ text }) => text);
    expect(texts).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end']);
  });

  it('ends with a container that is removed', async () => {
    const id = await rig.run('passing', 'echo here; sleep 1', { HostConfig: { AutoRemove: true } });
    expect((await all(logsOf(id, 100, true))).map(({ text }) => text)).toEqual(['here']);
  });

  it('ends a follow that nobody reads on', async () => {
    const id = await rig.run('chatty', 'yes a long line of a container that never stops talking');
    for await (const { text } of logsOf(id, 5, true)) {
      expect(text).toMatch(/^a long line/);
      break;
    }
    await rig.docker.getContainer(id).kill();
  });

  it('gives the tail of a container that ended, and of one with a terminal', async () => {
    const print = 'for i in 1 2 3 4 5; do echo "{\\"n\\":$i}"; done';
    const plain = await ended('plain', print);
    const tty = await ended('tty', print, { Tty: true });
    for (const id of [plain, tty]) {
      expect((await all(logsOf(id, 2, false))).map(({ text }) => text)).toEqual([
        '{"n":4}',
        '{"n":5}',
      ]);
    }
  });

  it('shows hostile bytes as harmless text, and a huge line cut', async () => {
    const id = await ended(
      'hostile',
      `printf '\\033]0;owned\\007\\033[2Jred\\033[0m\\n'; printf 'bad \\377 byte\\n';
       head -c 100000 /dev/zero | tr '\\0' x; echo; printf 'no end'`,
    );
    const texts = (await all(logsOf(id, 100, false))).map(({ text }) => text);
    expect(texts.map((text) => text.slice(0, 10))).toEqual([
      'red',
      'bad \ufffd byte',
      'xxxxxxxxxx',
      'no end',
    ]);
    expect(texts[2]).toMatch(/^x+…$/);
  });

  it('says that a container is gone, or that its log cannot be read', async () => {
    await expect(all(logsOf('f'.repeat(64), 1, true))).rejects.toMatchObject({
      code: 'no-such-container',
    });
    const id = await ended('mute', 'true', {
      HostConfig: { LogConfig: { Type: 'none', Config: {} } },
    });
    await expect(all(logsOf(id, 1, false))).rejects.toMatchObject({
      why: expect.stringContaining('does not support reading'),
    });
  });
});
