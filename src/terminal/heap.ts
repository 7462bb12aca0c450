import { setFlagsFromString } from 'node:v8';

/**
 * Keeps this process small instead of fast, until the returned function is called: a screen makes
 * half a megabyte of garbage with each frame and keeps next to none of it, so that V8, left alone,
 * would take tens of megabytes more only to collect less often.
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
  return () => {
    setFlagsFromString('--semi-space-growth-factor=2');
    setFlagsFromString('--heap-growing-percent=0');
  };
}
