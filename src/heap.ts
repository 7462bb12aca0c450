import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By then what loading left behind is garbage, and hardly anybody has pressed a key that would wait. */
const SETTLED_MS = 2000;
const HOLD_MS = 1000;
/** Both halves of it. */
const NEW_SPACE_BYTES = 4 * 1024 * 1024;

/**
 * Keeps this process small instead of fast, until the returned function is called: a screen makes
 * half a megabyte of garbage with each frame and keeps next to none of it, so that V8, left alone,
 * would take tens of megabytes more only to collect less often (docs/decisions/0015-heap.md).
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString('--heap-growing-percent=20');
  holdNewSpace();
  const held = setInterval(holdNewSpace, HOLD_MS).unref();
  const settled = setTimeout(collect, SETTLED_MS).unref();
  return () => {
    clearInterval(held);
    clearTimeout(settled);
    setFlagsFromString('--semi-space-growth-factor=2');
    setFlagsFromString('--heap-growing-percent=0');
  };
}

/** V8 lets it shrink to 1 MB when little happens; then it may grow again, and no further than this. */
function holdNewSpace(): void {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  const mayGrow = (space?.space_size ?? 0) < NEW_SPACE_BYTES;
  setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
}

/** V8 follows these settings from its first collection on, which it would put off for minutes. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  setFlagsFromString('--no-expose-gc');
}
