/**
 * `web-2` before `web-10`, whatever the case. Not Intl.Collator: its tables take 7 MB, and what is
 * sorted here are names made of ASCII.
 */
export function naturally(a: string, b: string): number {
  let [x, y] = [0, 0];
  while (x < a.length && y < b.length) {
    const [endX, endY] = [digitsEnd(a, x), digitsEnd(b, y)];
    const numbers = endX > x && endY > y;
    const order = numbers
      ? byValue(a.slice(x, endX), b.slice(y, endY))
      : lowerCase(a.charCodeAt(x)) - lowerCase(b.charCodeAt(y));
    if (order !== 0) return order;
    x = numbers ? endX : x + 1;
    y = numbers ? endY : y + 1;
  }
  return a.length - x - (b.length - y) || byCode(a, b);
}

function digitsEnd(text: string, from: number): number {
  let end = from;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Of any length: a name may hold a hash. */
function byValue(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || byCode(x, y);
}

function byCode(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function lowerCase(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}
