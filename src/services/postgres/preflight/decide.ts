import type { Finding } from '../../../model/finding.ts';
import { checkIdentity } from './check-identity.ts';
import {
  checkIdleSlots,
  checkLogRoom,
  checkSlots,
  checkStreaming,
  checkWalLevel,
} from './check-log.ts';
import * as object from './check-objects.ts';
import * as right from './check-rights.ts';
import { checkStalling, checkWriters } from './check-sessions.ts';
import { checkSettings } from './check-settings.ts';
import * as table from './check-tables.ts';
import * as text from './check-text.ts';
import { checkVersion } from './check-version.ts';
import { checkConnections, poolSize } from './connections.ts';
import { checkClocks, checkDistance } from './distance.ts';
import { checkEmpty } from './empty.ts';
import { checkExtensions } from './extensions.ts';
import { checkLeftovers } from './leftovers.ts';
import type { Source, Target } from './look.ts';
import { checkPooler } from './pooler.ts';
import type { Place } from './provider.ts';
import { checkRoles } from './roles.ts';
import { checkSame } from './same.ts';
import { checkTls } from './tls.ts';

type Present<T> = { [K in keyof T]: NonNullable<T[K]> };

/** A decision is made on what is known; what could not be looked at has its finding already. */
function on<A extends unknown[]>(
  known: [...A],
  check: (...known: Present<A>) => Finding[],
): Finding[] {
  const all = known.every((fact) => fact !== null && fact !== undefined);
  return all ? check(...(known as Present<A>)) : [];
}

export function aboutSource(
  url: string,
  source: Source,
  place: Place,
  logBytes: number | null,
): Finding[] {
  const { server, facts, way, pids, streaming, freeDiskBytes } = source;
  const { role } = server;
  const room = { logBytes, freeBytes: freeDiskBytes };
  return [
    ...checkTls('source', url, way),
    ...on([pids], (both) => checkPooler('source', url, both)),
    ...right.checkSourcePrimary(server),
    ...right.checkSourceRights(server, place),
    ...checkStreaming(streaming, server, facts.log),
    ...on([facts.tables], (tables) => [
      ...table.checkOwnership(tables, server),
      ...table.checkRowSecurity(tables, server),
      ...checkIdentity(tables),
      ...table.checkUnlogged(tables),
      ...table.checkTablespaces(tables),
    ]),
    ...on([facts.log], (log) => [
      ...checkWalLevel(log, place),
      ...checkSlots(log, place),
      ...checkIdleSlots(log),
      ...checkLogRoom(log, room, place),
    ]),
    ...on([facts.objects], (objects) => [
      ...object.checkLargeObjects(objects),
      ...object.checkForeign(objects),
      ...object.checkPublications(objects),
      ...object.checkCron(objects),
    ]),
    ...on([facts.subscriptions], object.checkSubscriptions),
    ...on([facts.collations], (collations) => text.checkCollationVersion(collations, server)),
    ...on([facts.sessions], (sessions) => [
      ...checkWriters(sessions, role),
      ...checkStalling(sessions, role),
    ]),
    ...on([facts.connections], (seen) => checkConnections('source', seen, 0, server, place)),
    ...on([facts.leftovers], (left) => checkLeftovers('source', left)),
  ];
}

export function aboutTarget(url: string, target: Target): Finding[] {
  const { server, facts, way, pids, mayPassTriggers } = target;
  return [
    ...checkTls('target', url, way),
    ...on([pids], (both) => checkPooler('target', url, both)),
    ...right.checkWritable(server),
    ...right.checkTargetRights(server),
    ...on([mayPassTriggers], (may) => right.checkTriggersOff(may, server)),
    ...on([facts.contents], (there) => checkEmpty(there, server)),
    ...on([facts.leftovers], (left) => checkLeftovers('target', left)),
  ];
}

export function aboutBoth(source: Source, target: Target, place: Place): Finding[] {
  const [from, to] = [source.facts, target.facts];
  return [
    ...checkSame(source.server, target.server),
    ...checkVersion(source.server, target.server),
    ...text.checkEncoding(source.server, target.server),
    ...text.checkLocale(source.server, target.server),
    ...on([from.collations, to.collations], text.checkCollations),
    ...on([from.databaseSettings, to.databaseSettings], (a, b) =>
      checkSettings(a, b, target.server),
    ),
    ...on([from.extensions, to.offers], (used, offered) =>
      checkExtensions(used, offered, target.server, place),
    ),
    ...on([from.namedRoles, to.everyRole], checkRoles),
    ...on([from.objects, to.languages, to.offers], object.checkLanguages),
    ...on([from.objects], (objects) => object.checkEventTriggers(objects, target.server)),
    ...on([from.tables], (tables) => table.checkForcedRowSecurity(tables, target.server)),
    ...on([to.connections, from.sessions], (seen, sessions) =>
      checkConnections(
        'target',
        seen,
        poolSize(sessions, source.server.role),
        target.server,
        place,
      ),
    ),
    ...on([source.distance, target.distance], (near, far) => [
      ...checkDistance(near, far),
      ...checkClocks(near, far),
    ]),
  ];
}
