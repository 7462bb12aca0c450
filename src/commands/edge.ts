import { latency, percent, perSecond } from '../components/format.ts';
import { timeLimit } from '../limit.ts';
import type { Traffic } from '../model/traffic.ts';
import { reloadEdge } from '../services/edge/reload.ts';
import { openLocal } from '../services/executor/local.ts';
import { mustOpenFleet } from '../services/project/open-fleet.ts';
import { openProject } from '../services/project/project.ts';
import { mustOpenStage } from '../services/starter/stage.ts';
import {
  type CommonOptions,
  oneLine,
  print,
  printResult,
  projectDir,
  runCommand,
} from './output.ts';

const LIMIT_MS = 10_000;

/** `portsync edge status`: what the load balancer sees now. */
export function edgeStatus(options: CommonOptions): Promise<void> {
  return runCommand(options, async (signal) => {
    const parts = await mustOpenFleet(await openProject(projectDir(options)));
    try {
      const limit = timeLimit(LIMIT_MS, signal);
      const traffic = await parts.edge.traffic(limit);
      if (options.json) printResult({ at: new Date().toISOString(), ...traffic });
      else print(trafficText(traffic));
    } finally {
      await parts.close();
    }
    return undefined;
  });
}

/** `portsync edge reload`: HAProxy reads its files again; no request is lost. */
export function edgeReload(options: CommonOptions): Promise<void> {
  return runCommand(options, async (signal) => {
    const stage = await mustOpenStage(await openProject(projectDir(options)));
    try {
      await reloadEdge(openLocal(), stage.edgeDir, signal);
      if (options.json) printResult({ event: 'result', ok: true });
      else print('The load balancer has read its files again.');
    } finally {
      stage.close();
    }
    return undefined;
  });
}

function trafficText(traffic: Traffic): string {
  const { serving, requestsPerSecond, errorsPerSecond, p50Ms, p95Ms, held, replicas } = traffic;
  return [
    `${serving ?? 'nothing'} serves  ${perSecond(requestsPerSecond)} req/s  errors ${perSecond(errorsPerSecond)}/s  p50 ${latency(p50Ms)}  p95 ${latency(p95Ms)}  ${held} waiting`,
    ...replicas.map(
      (each) =>
        `  ${oneLine(each.name)} ${each.colour} on ${oneLine(each.node)}: ${each.state}  ${perSecond(each.requestsPerSecond)} req/s  errors ${percent(each.errorRate * 100)}  p95 ${latency(each.p95Ms)}`,
    ),
  ].join('\n');
}
