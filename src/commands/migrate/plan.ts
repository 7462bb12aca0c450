import { bytesLong, duration } from '../../components/format.ts';
import type { Preflight } from '../../model/migration.ts';
import { describeTarget } from '../../services/database/url.ts';
import type { Order } from '../../services/migration/order.ts';

/** What a migration will do, for whom, and how it is undone. */
export function planLines({ urls, options, app, env }: Order, preflight: Preflight): string[] {
  const { estimate, wayBack } = preflight;
  const size = estimate ? ` ${bytesLong(estimate.bytes)}, about ${duration(estimate.copyMs)}` : '';
  return [
    `${options.rehearsal ? 'Rehearse moving' : 'Move'} the database`,
    `  from ${describeTarget(urls.source).masked}`,
    `  to   ${describeTarget(urls.target).masked}`,
    `  1. copy schema and data while the app goes on:${size || ' of a size not known'}`,
    '  2. follow what changes, until both are in step',
    ...(options.rehearsal ? rehearsalLines() : cutoverLines(options, app, env)),
    options.rehearsal
      ? '  Nothing of it stays.'
      : `  Until the switch, portsync migrate abort undoes all of it. ${backText(wayBack)}`,
  ];
}

function cutoverLines(
  { holdCutover, deadlineMs }: Order['options'],
  app: boolean,
  env: boolean,
): string[] {
  const when = holdCutover ? 'when portsync migrate cutover says so' : 'at once';
  const pause = app
    ? `hold requests, at most ${deadlineMs} ms, and switch the app over`
    : `stop writes to the old database, at most ${deadlineMs} ms; no load balancer of PortSync is known here, so writers are refused there from then on`;
  return [
    `  3. ${when}: ${pause}; whatever fails goes back by itself`,
    ...(env ? ['     the .env gets a new version in which only DATABASE_URL differs'] : []),
  ];
}

function rehearsalLines(): string[] {
  return [
    '  3. start the other replicas on the new database, compare every row, measure; no request waits',
    '  4. remove everything, the copy as well',
  ];
}

function backText({ possible, why }: Preflight['wayBack']): string {
  if (possible) return 'After it, portsync migrate back loses nothing.';
  return `After it there is NO way back by a command: ${why ?? 'the new server does not give its changes.'}`;
}
