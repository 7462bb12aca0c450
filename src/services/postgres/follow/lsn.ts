/** A position in the write-ahead log of one server, in bytes from its beginning. */
export type Lsn = bigint;

/** From `16/B374D848`, as SQL shows it. */
export function parseLsn(text: string): Lsn {
  const [high = '', low = ''] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function lsnText(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

export function later(a: Lsn, b: Lsn): Lsn {
  return a > b ? a : b;
}
