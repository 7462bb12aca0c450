import {
  bytes,
  bytesLong,
  duration,
  latency,
  memory,
  percent,
  perSecond,
  plural,
} from '../components/format.ts';
import type { Container } from '../model/container.ts';
import type { DatabaseFigures } from '../model/database.ts';
import type { EnvHistory } from '../model/env.ts';
import type { NodeFigures } from '../model/node.ts';
import type { ProjectInfo } from '../model/project.ts';
import { dataOf, type Reading } from '../model/reading.ts';
import type { Traffic } from '../model/traffic.ts';
import type { Seen } from '../services/project/look-once.ts';
import { oneLine } from './output.ts';

/** The panes as plain text: no colour, no boxes, fit for a pipe. */
export function statusText(info: ProjectInfo, seen: Seen): string {
  return [
    section(`PortSync  ${info.name}`, seen.traffic, trafficLines),
    section('Containers', seen.containers, (containers) => containers.map(containerLine)),
    section('Nodes', seen.nodes, (node) => [nodeLine(node)]),
    section('Database', seen.database, databaseLines),
    section('.env', seen.env, envLines),
  ].join('\n\n');
}

function section<T>(
  title: string,
  sources: ReadonlyArray<{ id: string; reading: Reading<T> }>,
  linesOf: (data: T) => string[],
): string {
  const lines = sources.flatMap(({ id, reading }) => {
    const data = dataOf(reading);
    return [...(data === null ? [] : linesOf(data)), ...trouble(id, reading)];
  });
  return [title, ...(lines.length > 0 ? lines : ['none']).map((line) => `  ${line}`)].join('\n');
}

function trouble(id: string, reading: Reading<unknown>): string[] {
  if (reading.state === 'absent') return [reading.why, ...(reading.next ? [reading.next] : [])];
  if (reading.state !== 'stale') return [];
  const { message, why, next } = reading.error;
  const seen = reading.seenAt ? ` (seen ${duration(Date.now() - reading.seenAt)} ago)` : '';
  return [`${id}${seen}: ${message}`, ...(why ? [`  ${why}`] : []), ...(next ? [`  ${next}`] : [])];
}

function trafficLines(traffic: Traffic): string[] {
  const { serving, requestsPerSecond, errorsPerSecond, p95Ms, replicas } = traffic;
  const up = replicas.filter((replica) => replica.state === 'up').length;
  return [
    `${serving ?? 'nothing'} serves, ${up} of ${plural(replicas.length, 'replica')} up`,
    `${perSecond(requestsPerSecond)} requests/s, p95 ${latency(p95Ms)}, ${perSecond(errorsPerSecond)} errors/s`,
  ];
}

function containerLine(container: Container): string {
  const { name, state, health, cpuPercent, memoryBytes, memoryLimitBytes } = container;
  const word = health === 'none' ? state : `${state}, ${health}`;
  const figures = [percent(cpuPercent), memory(memoryBytes, memoryLimitBytes)];
  const cells = state === 'running' ? figures.map((cell) => cell.padStart(12)) : [];
  return `${oneLine(name).padEnd(28)} ${word.padEnd(20)}${cells.join('')}`.trimEnd();
}

function nodeLine({ name, cores, cpuPercent, memory: used, disk, load }: NodeFigures): string {
  const share = ({ usedBytes, totalBytes }: typeof used) => percent((usedBytes / totalBytes) * 100);
  return (
    `${name.padEnd(12)} ${plural(cores, 'core')}  cpu ${percent(cpuPercent)}  load ${load[0].toFixed(2)}` +
    `  memory ${share(used)} of ${bytes(used.totalBytes)}  disk ${share(disk)} of ${bytes(disk.totalBytes)}`
  );
}

function databaseLines(figures: DatabaseFigures): string[] {
  const { kind, version, where, sizeBytes, connections, transactionsPerSecond } = figures;
  const name = kind === 'postgres' ? 'PostgreSQL' : 'MongoDB';
  return [
    `${name} ${version} at ${where}`,
    `${bytesLong(sizeBytes)}, ${connections ? `${connections.used} of ${connections.max}` : 'unknown'} connections, ` +
      `${perSecond(transactionsPerSecond)} transactions/s`,
  ];
}

function envLines({ versions, current }: EnvHistory): string[] {
  const [newest] = versions;
  const count = plural(versions.length, 'version');
  if (!newest) return [count];
  const changed = plural(newest.changed.length, 'key');
  return [
    `${count}, ${current ? 'in step' : 'changed since the newest'}`,
    `${newest.at}  ${oneLine(newest.author)}  ${changed}  ${oneLine(newest.reason)}`,
  ];
}
