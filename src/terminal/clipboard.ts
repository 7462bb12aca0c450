const BELL = '\x07';

/**
 * The sequence (OSC 52) that puts `text` into the clipboard of the terminal someone sits at, over SSH
 * too. No terminal answers whether it did. tmux hands on what is wrapped for it (allow-passthrough),
 * or takes the plain sequence itself (set-clipboard on); it ignores the other.
 */
export function toClipboard(text: string, env: NodeJS.ProcessEnv): string {
  const plain = `\x1b]52;c;${Buffer.from(text, 'utf8').toString('base64')}${BELL}`;
  if (!env.TMUX) return plain;
  return `${plain}\x1bPtmux;${plain.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;
}
