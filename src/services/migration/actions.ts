import { CancelledError } from '../../errors.ts';
import type { MigrationActions } from '../../model/actions.ts';
import { describeTarget } from '../database/url.ts';
import { begin, orderOf, preflightOf } from './begin.ts';
import { askFor, askToEnd, ensureWorker } from './client.ts';
import { DEFAULT_OPTIONS } from './order.ts';

const LIMIT_MS = 120_000;

/** What the dashboard's keys do; the cut-over waits for its own key. */
export function migrationActions(projectDir: string): MigrationActions {
  const options = { ...DEFAULT_OPTIONS, holdCutover: true };
  const orderFor = (target: string) => orderOf({ projectDir, target, source: null, options });
  return {
    async preflight(target, signal) {
      const order = await orderFor(target);
      const preflight = await preflightOf(projectDir, order, signal);
      if (signal.aborted) throw new CancelledError();
      return { target: describeTarget(order.urls.target).masked, preflight };
    },
    async start(target) {
      if (target !== null) await begin(projectDir, await orderFor(target), limit());
      await ensureWorker(projectDir);
    },
    cutover: () => askFor(projectDir, 'cutover', limit()),
    verify: () => askFor(projectDir, 'verify', limit()),
    back: () => askFor(projectDir, 'back', limit()),
    finish: () => askToEnd(projectDir, { how: 'finish', dropCopy: false }, limit()),
    abort: () => askToEnd(projectDir, { how: 'abort', dropCopy: false }, limit()),
  };
}

function limit(): AbortSignal {
  return AbortSignal.timeout(LIMIT_MS);
}
