import { isUtf8 } from 'node:buffer';

const FIRST_ESCAPE = 0xdc00;

/**
 * The text of a file, such that `toBytes(toText(bytes))` gives the same bytes for every file: a byte
 * that is no UTF-8 becomes a lone surrogate, which no valid text contains.
 */
export function toText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const length = validLength(buffer, at);
    text += length
      ? buffer.toString('utf8', at, at + length)
      : String.fromCharCode(FIRST_ESCAPE + (buffer[at] as number));
    at += length || 1;
  }
  return text;
}

export function toBytes(text: string): Buffer {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text, 'utf8');
  const pieces = text.split(/(\p{Surrogate})/u).map((piece) => {
    const escaped = piece.length === 1 ? piece.charCodeAt(0) - FIRST_ESCAPE : 0;
    return escaped >= 0x80 && escaped <= 0xff ? Buffer.from([escaped]) : Buffer.from(piece, 'utf8');
  });
  return Buffer.concat(pieces);
}

/** The text as programs see it that put U+FFFD where the bytes are no UTF-8. */
export function lossy(text: string): string {
  return /\p{Surrogate}/u.test(text) ? toBytes(text).toString('utf8') : text;
}

/** Length of the run of ASCII, or of the one character, that starts at `at`; 0 where none does. */
function validLength(buffer: Buffer, at: number): number {
  const first = buffer[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const end = at + length;
  return end <= buffer.length && isUtf8(buffer.subarray(at, end)) ? length : 0;
}
