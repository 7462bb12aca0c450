import type { PortSyncError } from '../../../errors.ts';
import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import { size } from './figures.ts';
import type { Log } from './log.ts';
import { some } from './names.ts';
import { logicalWal, type Place, serverSetting } from './provider.ts';
import type { Server } from './server.ts';

export function checkWalLevel({ level }: Log, place: Place): Finding[] {
  if (level === 'logical')
    return [fine('wal-level', 'source', 'The log holds the changes of rows.')];
  return [
    blocker('wal-level', 'source', {
      message: `The source’s log does not hold the changes of rows: wal_level is ${level}.`,
      why: 'What the app writes during the copy is read from the log. The setting takes one restart, at a time of your choice before the move.',
      cure: logicalWal(place),
    }),
  ];
}

/** One slot, and one connection that streams from it. */
export function checkSlots({ slots, senders }: Log, place: Place): Finding[] {
  const full = (id: string, setting: string, what: string, { used, max }: Log['slots']) =>
    blocker(id, 'source', {
      message: `All ${max} ${what} of the source are taken.`,
      why: 'PortSync needs one more to follow what changes.',
      cure: serverSetting(place, setting, used + 4),
    });
  return [
    slots.used < slots.max
      ? fine(
          'replication-slots',
          'source',
          `${slots.max - slots.used} of ${slots.max} slots are free.`,
        )
      : full('replication-slots', 'max_replication_slots', 'replication slots', slots),
    senders.used < senders.max
      ? fine('wal-senders', 'source', `${senders.max - senders.used} of ${senders.max} are free.`)
      : full('wal-senders', 'max_wal_senders', 'WAL senders', senders),
  ];
}

/**
 * Rights and free places have findings of their own: here is what else may stand in the way.
 * @param streaming what did; null: nothing
 */
export function checkStreaming(
  streaming: PortSyncError | null,
  server: Server,
  log: Log | null,
): Finding[] {
  if (!streaming) {
    return [fine('replication-connection', 'source', 'A replication connection came about.')];
  }
  const full = log !== null && log.senders.used >= log.senders.max;
  if (full || !(server.superuser || server.replication)) return [];
  return [
    blocker('replication-connection', 'source', {
      message: 'The source takes no replication connection from here.',
      why: streaming.why ?? streaming.message,
      cure: 'Give the URL of the server itself, without a pooler, and let this user in by pg_hba.conf.',
    }),
  ];
}

export function checkIdleSlots({ idleSlots }: Log): Finding[] {
  if (idleSlots.length === 0) {
    return [fine('idle-slots', 'source', 'The source keeps no log for somebody who is away.')];
  }
  const names = some(idleSlots.map(({ name }) => name));
  const kept = Math.max(...idleSlots.map(({ keptBytes }) => keptBytes));
  return [
    warning('idle-slots', names, {
      message: `Nobody reads from the slot ${names}, for which the source keeps ${size(kept)} of log.`,
      why: 'The log grows until the disk is full, or somebody reads on.',
      cure: idleSlots.map(({ name }) => `SELECT pg_drop_replication_slot('${name}');`).join('\n'),
    }),
  ];
}

const MEGABYTE = 1024 * 1024;
/** What a server that runs well has left in any case. */
const LITTLE_LOG = 512 * MEGABYTE;

export interface Room {
  /** What is expected to be kept while the copy runs; null where nothing tells. */
  logBytes: number | null;
  /** Free where the source keeps its data; null where it cannot be seen from here. */
  freeBytes: number | null;
}

export function checkLogRoom({ keepBytes }: Log, room: Room, place: Place): Finding[] {
  const { logBytes, freeBytes } = room;
  const expected = logBytes === null ? 'an unknown amount' : `about ${size(logBytes)}`;
  // Twice: a busy hour follows a quiet second.
  const needed = 2 * (logBytes ?? 0);
  if (keepBytes !== null && keepBytes < needed) {
    return [
      blocker('log-room', 'source', {
        message: `A slot may hold back ${size(keepBytes)} of log, and the copy needs ${expected}.`,
        why: 'Past max_slot_wal_keep_size the server throws the log away, and the copy would have to begin again.',
        cure: serverSetting(place, 'max_slot_wal_keep_size', '-1'),
      }),
    ];
  }
  if (freeBytes !== null && freeBytes < needed + LITTLE_LOG) {
    return [
      blocker('log-room', 'source', {
        message: `${size(freeBytes)} of disk are free at the source, where the copy keeps ${expected} of log.`,
        why: 'A server whose disk is full stops.',
        cure: 'Free disk there, or take a larger one, before the move.',
      }),
    ];
  }
  if (freeBytes !== null) {
    return [fine('log-room', 'source', `${size(freeBytes)} are free for ${expected} of log.`)];
  }
  if (logBytes !== null && needed < LITTLE_LOG) {
    return [fine('log-room', 'source', `The copy keeps ${expected} of log, which is little.`)];
  }
  return [
    warning('log-room', 'source', {
      message: `The source keeps ${expected} of log while the copy runs; how much disk is free there does not show from here.`,
      why: 'A server tells nobody its free disk over SQL, and stops when there is none.',
      cure: 'On its machine: df -h — or the storage graph of the provider.',
    }),
  ];
}
