import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition on a machine that may be busy; says what it waited for when it gives up. */
export async function until(
  condition: () => unknown,
  withinMs = 20_000,
  what = condition.toString(),
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await sleep(20);
  }
}
