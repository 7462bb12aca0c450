import { type Finding, fine, warning } from '../../../model/finding.ts';
import type { Preflight } from '../../../model/migration.ts';
import type { Log } from './log.ts';
import { grantReplication, logicalWal, type Place, serverSetting } from './provider.ts';
import type { Server } from './server.ts';

type WayBack = Preflight['wayBack'];

/** Why changes cannot flow back, and what cures it. */
interface Obstacle {
  why: string;
  cure: string;
}

/** @param streams whether a replication connection to the target came about */
export function obstacleBack(
  server: Server,
  log: Log,
  streams: boolean,
  place: Place,
): Obstacle | null {
  const { role } = server;
  if (log.level !== 'logical') {
    return { why: `wal_level is ${log.level} at the target.`, cure: logicalWal(place) };
  }
  if (!server.superuser && !server.replication) {
    return {
      why: `${role} may not read the target’s log.`,
      cure: grantReplication(place, role),
    };
  }
  if (log.slots.used >= log.slots.max) {
    return {
      why: 'All replication slots of the target are taken.',
      cure: serverSetting(place, 'max_replication_slots', log.slots.used + 4),
    };
  }
  if (log.senders.used >= log.senders.max) {
    return {
      why: 'All WAL senders of the target are taken.',
      cure: serverSetting(place, 'max_wal_senders', log.senders.used + 4),
    };
  }
  if (!streams) {
    return {
      why: 'The target takes no replication connection from here.',
      cure: 'Give the URL of the server itself, without a pooler, and let it in by pg_hba.conf.',
    };
  }
  return null;
}

export function checkWayBack(obstacle: Obstacle | null): { wayBack: WayBack; finding: Finding } {
  if (!obstacle) {
    const finding = fine('way-back', 'target', 'After the switch, changes can flow back.');
    return { wayBack: { possible: true, why: null }, finding };
  }
  const finding = warning('way-back', 'target', {
    message: `There will be no way back without loss: ${obstacle.why}`,
    why: 'The move itself works. After the switch the old database gets none of the new one’s changes.',
    cure: obstacle.cure,
  });
  return { wayBack: { possible: false, why: obstacle.why }, finding };
}
