import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src/model/container.ts';
import { logLines } from '../../src/services/docker/log-lines.ts';
import { cleanLine } from '../../src/services/docker/log-text.ts';

const AT = '2026-11-23T19:11:56.509010068Z';

function frame(stream: 1 | 2, text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

async function read(chunks: Buffer[], tty = false): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of logLines(Readable.from(chunks, { objectMode: false }), tty)) {
    lines.push(line);
  }
  return lines;
}

describe('logLines', () => {
  const wire = Buffer.concat([
    frame(1, `${AT} first\n`),
    frame(2, `${AT} to stderr\n`),
    frame(1, `${AT} hal`),
    frame(2, `${AT} between\n`),
    frame(1, 'f and ünïcode 🚢\n'),
    frame(1, `${AT} last, without an end`),
  ]);
  const lines: LogLine[] = [
    { at: AT, stream: 'stdout', text: 'first' },
    { at: AT, stream: 'stderr', text: 'to stderr' },
    { at: AT, stream: 'stderr', text: 'between' },
    { at: AT, stream: 'stdout', text: 'half and ünïcode 🚢' },
    { at: AT, stream: 'stdout', text: 'last, without an end' },
  ];

  it('gives the same lines wherever the network cuts the bytes', async () => {
    const cuts = fc.array(fc.nat(wire.length), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const ends = [...new Set([...at, wire.length])].sort((a, b) => a - b);
        const chunks = ends.map((end, index) => wire.subarray(ends[index - 1] ?? 0, end));
        expect(await read(chunks.filter((chunk) => chunk.length > 0))).toEqual(lines);
      }),
    );
  });

  it('reads a terminal’s log as it is, JSON too', async () => {
    const text = `${AT} {"id":"x"}\r\n${AT} \r\n`;
    expect(await read([Buffer.from(text)], true)).toEqual([
      { at: AT, stream: 'stdout', text: '{"id":"x"}' },
      { at: AT, stream: 'stdout', text: '' },
    ]);
  });

  it('cuts a line that never ends, and finds the next one', async () => {
    const piece = frame(1, `${AT} ${'x'.repeat(16_384)}`);
    const [long, next] = await read([
      ...Array.from({ length: 64 }, () => piece),
      frame(1, '\n'),
      frame(1, `${AT} next\n`),
    ]);
    expect(long?.text).toMatch(/^x{8000,8192}…$/);
    expect(next?.text).toBe('next');
  });

  it('shows bytes that are no text as such', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a]);
    expect((await read([frame(1, bytes)]))[0]).toEqual({
      at: null,
      stream: 'stdout',
      text: 'a\ufffd\ufffdb',
    });
  });
});

describe('cleanLine', () => {
  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['moving and clearing', 'a\u001b[2J\u001b[H\u001b[?1049hb', 'ab'],
    ['a title with spaces', '\u001b]0;my own title\u0007text', 'text'],
    ['a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a clipboard write', 'a\u001b]52;c;aGk=\u0007b', 'ab'],
    ['a device string', 'a\u001bP1$r0m\u001b\\b', 'ab'],
    ['eight-bit controls', 'a\u009b31mb\u0085c', 'abc'],
    ['a bell, a backspace, a null', 'a\u0007\u0008\u0000b', 'ab'],
    ['a reset', '\u001bcabc', 'abc'],
    ['text turned around', 'a\u202eb\u2066c', 'abc'],
    ['a progress line', ' 10%\r 55%\r100%\r', '100%'],
    ['tabs', 'a\tb', 'a    b'],
    ['nothing of plain text', 'GET /ünïcode 🚢 [200]', 'GET /ünïcode 🚢 [200]'],
  ])('takes out %s', (_, raw, clean) => {
    expect(cleanLine(raw)).toBe(clean);
  });

  it('leaves no control character of any line', () => {
    const parts = fc.constantFrom(
      '\u001b',
      '[',
      ']',
      'P',
      ';',
      '1',
      'm',
      '\u0007',
      '\u009d',
      '\\',
      'x',
    );
    fc.assert(
      fc.property(fc.array(parts), (raw) => {
        expect(cleanLine(raw.join(''))).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
