import { type Lab, openLab } from '../../src/services/lab/client.ts';
import type { HostOptions } from '../../src/services/lab/host/messages.ts';
import { type SpawnedLab, spawnLab } from '../../src/services/lab/host/spawn.ts';
import { findMongod } from '../../src/services/lab/servers/mongo-binary.ts';
import type { Need } from './needs.ts';

const START_LIMIT_MS = 100_000;

export const mongodNeed: Need = {
  name: 'a mongod',
  missing: (await findMongod()) ? null : 'set PORTSYNC_MONGOD to one, or put it on the PATH',
};

/** A running lab, seen as any other process sees it. */
export interface TestLab extends SpawnedLab {
  lab: Lab;
}

/** A lab from source, without traffic unless told; `stop` it, or end with it. */
export async function startLab(options: Partial<HostOptions> = {}): Promise<TestLab> {
  const settings = { ...DEFAULTS, ...options };
  const said: string[] = [];
  const host = await spawnLab(
    settings,
    (text) => said.push(text),
    AbortSignal.timeout(START_LIMIT_MS),
  );
  const lab = await openLab(host.info.project);
  if (!lab) throw new Error(`The lab is gone after: ${said.join(', ')}`);
  return { ...host, lab };
}

export const DEFAULTS: HostOptions = {
  dir: null,
  db: 'postgres',
  app: null,
  replicas: 3,
  traffic: 0,
  spikeTraffic: 100,
};
