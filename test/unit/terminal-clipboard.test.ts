import { describe, expect, it } from 'vitest';
import { toClipboard } from '../../src/terminal/clipboard.ts';

const decoded = (sequence: string) =>
  Buffer.from(/52;c;([A-Za-z0-9+/=]*)/.exec(sequence)?.[1] ?? '', 'base64').toString('utf8');

describe('copying to the clipboard of the terminal', () => {
  it('carries any text and no sign that the terminal would act upon', () => {
    const text = 'alter table „x“ …;\n\u001B[2J';
    const sequence = toClipboard(text, {});
    expect(sequence).toMatch(/^\u001B\]52;c;[A-Za-z0-9+/=]+\u0007$/);
    expect(decoded(sequence)).toBe(text);
  });

  it('is wrapped for tmux as well', () => {
    const wrapped = toClipboard('x', { TMUX: '/tmp/tmux-0/default,1,0' });
    expect(wrapped).toContain('\u001BPtmux;\u001B\u001B]52;c;eA==\u0007\u001B\\');
  });
});
