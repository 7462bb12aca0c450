import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Caller } from '../../test/rig/http-interface.ts';
import { buildStarterImage } from '../../test/rig/images.ts';
import { startLoad } from '../../test/rig/load.ts';
import { askPostgres, startSecondServer } from '../../test/rig/second-server.ts';
import { mustRun, startShop } from '../../test/rig/shop.ts';
import { type SwarmRig, startSwarmRig } from '../../test/rig/swarm.ts';
import { until } from '../../test/rig/until.ts';
import type { Figures, Place, Round } from './round.ts';

const CLI = fileURLToPath(new URL('../../bin/portsync.js', import.meta.url));
const IMAGE = 'starter:1';
const PASSWORD = 'of-the-second-server';
/** Above what waits in a hold of a second, below what a process can have open. */
const AT_ONCE = 1_000;
const WAY_BACK_LIMIT_MS = 60_000;

/**
 * One machine with Docker for all rounds: two replicas of the starter behind HAProxy, and a second server.
 * Every round moves into a new database of that server.
 */
export async function openDocker(perSecond: number): Promise<Place> {
  const rig = await startSwarmRig({ built: CLI });
  try {
    const server = await startSecondServer(rig, PASSWORD);
    await buildStarterImage(rig.engine.docker, IMAGE);
    const someone = await startShop(rig, 'watchSeconds: 2', IMAGE);
    const round = (number: number) => oneRound({ rig, server, someone, perSecond }, number);
    return { round, close: () => rig.close() };
  } catch (error) {
    await rig.close();
    throw error;
  }
}

interface Shop {
  rig: SwarmRig;
  /** URL of a database on the second server. */
  server: string;
  someone: Caller;
  perSecond: number;
}

async function oneRound({ rig, server, someone, perSecond }: Shop, number: number): Promise<Round> {
  const target = new URL(server);
  target.pathname = `/round_${number}`;
  await askPostgres(server, `create database round_${number}`);
  const migrate = async (...args: string[]) =>
    (await mustRun(rig, 'migrate', ...args)) as unknown as Figures;
  const isOpen = async () => {
    const status = await mustRun(rig, 'migrate', 'status');
    return (status.wayBack as { open: boolean }).open;
  };
  const stop = startLoad(someone, perSecond, AT_ONCE);
  await sleep(2000);
  await migrate(target.href, '--yes', '--hold-cutover');
  const forward = await migrate('cutover', '--yes');
  await until(isOpen, WAY_BACK_LIMIT_MS, 'the way back is open');
  await sleep(2000);
  const back = await migrate('back', '--yes');
  await sleep(1000);
  const { reads, writes, failures, written } = await stop();
  await migrate('finish', '--yes');
  const wrong = wrongWrites(await someone.texts(), written);
  const failedBy = countEach(failures);
  return { forward, back, failed: failures.length, failedBy, sent: reads + writes, wrong };
}

/** What was acknowledged and is not there, or is there twice. */
function wrongWrites(texts: readonly string[], written: readonly string[]): string[] {
  const times = countEach(texts);
  const missing = written.filter((text) => !times[text]).map((text) => `${text}: missing`);
  const doubled = written
    .filter((text) => (times[text] ?? 0) > 1)
    .map((text) => `${text}: doubled`);
  return [...missing, ...doubled];
}

function countEach(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
