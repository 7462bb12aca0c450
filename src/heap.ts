import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By then what loading left behind is garbage, and hardly anybody has pressed a key that would wait. */
const SETTLED_MS = 2000;

/**
 * Keeps this process small instead of fast, until the returned function is called: a screen makes
 * half a megabyte of garbage with each frame and keeps next to none of it, so that V8, left alone,
 * would take tens of megabytes more only to collect less often (docs/decisions/0015-heap.md).
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
  const settled = setTimeout(collect, SETTLED_MS).unref();
  return () => {
    clearTimeout(settled);
    setFlagsFromString('--semi-space-growth-factor=2');
    setFlagsFromString('--heap-growing-percent=0');
  };
}

/** V8 follows these settings from its first collection on, which it would put off for minutes. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  setFlagsFromString('--no-expose-gc');
}
