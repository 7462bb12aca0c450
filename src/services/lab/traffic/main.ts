import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepLab } from '../machine/registry.ts';
import {
  TRAFFIC_VARIABLE,
  type TrafficOrder,
  type TrafficReport,
  type TrafficSettings,
} from './messages.ts';
import { Schedule } from './schedule.ts';
import { Visitor } from './visitor.ts';

const VISITORS = 8;
const TICK_MS = 20;
const REPORT_MS = 500;
const SWEEPS = 50;
const SWEEP_MS = 100;
/** New ones are taken one by one, and slowly by a balancer that is busy. */
const MOST_CONNECTIONS = 256;
/** More unanswered requests than this say that the machine, or the app, cannot bear the rate. */
const MOST_AT_ONCE = 2_000;

const settings: TrafficSettings = JSON.parse(process.env[TRAFFIC_VARIABLE] ?? '{}');
const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS, maxFreeSockets: 128 });
const visitors = Array.from({ length: VISITORS }, () => new Visitor(new URL(settings.url), agent));
const schedule = new Schedule(settings.perSecond, performance.now());
const report: TrafficReport = { sent: 0, failed: 0, failedBy: {} };
let underWay = 0;
let turn = 0;

setInterval(() => {
  for (let due = schedule.take(performance.now()); due > 0; due -= 1) void visit();
}, TICK_MS);
setInterval(() => process.connected && process.send?.(report, ignore), REPORT_MS);

process.on('message', ({ spike }: TrafficOrder) => {
  schedule.setRate(spike ? settings.spikePerSecond : settings.perSecond, performance.now());
});

// The host ends this process before itself. When it did not, it was killed, perhaps while this one
// was still loading, and we are the last one who knows what it started.
if (process.connected) process.once('disconnect', sweep);
else void sweep();
process.once('SIGTERM', () => process.exit(0));

/** A report that nobody takes any more is not worth an end. */
function ignore(): void {}

async function sweep(): Promise<void> {
  for (let look = 0; look < SWEEPS; look += 1) {
    // Its channel closes a moment before the host is gone.
    if (await sweepLab(settings.registration).catch(() => false)) break;
    await sleep(SWEEP_MS);
  }
  process.exit(0);
}

async function visit(): Promise<void> {
  report.sent += 1;
  turn = (turn + 1) % VISITORS;
  const visitor = visitors[turn];
  if (!visitor || underWay >= MOST_AT_ONCE) return count('too many unanswered');
  underWay += 1;
  try {
    const reason = await visitor.act(Math.random());
    if (reason) count(reason);
  } catch (error) {
    count((error as NodeJS.ErrnoException).code ?? (error as Error).message);
  } finally {
    underWay -= 1;
  }
}

function count(reason: string): void {
  report.failed += 1;
  report.failedBy[reason] = (report.failedBy[reason] ?? 0) + 1;
}
