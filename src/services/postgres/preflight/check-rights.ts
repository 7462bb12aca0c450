import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import { identifier } from './names.ts';
import { grantReplication, type Place } from './provider.ts';
import type { Server } from './server.ts';

export function checkSourceRights(source: Server, place: Place): Finding[] {
  const { role, database, superuser, replication, mayCreate } = source;
  return [
    superuser || replication
      ? fine('source-replication', role, 'The role may read the source’s log.')
      : blocker('source-replication', role, {
          message: `${role} may not read the source’s log.`,
          why: 'Following what changes needs the right to replicate.',
          cure: grantReplication(place, role),
        }),
    mayCreate
      ? fine('source-create', role, 'The role may create a publication.')
      : blocker('source-create', role, {
          message: `${role} may create nothing in ${database}.`,
          why: 'PortSync makes a publication there, and a schema of its own, which it removes at the end.',
          cure: `GRANT CREATE ON DATABASE ${identifier(database)} TO ${identifier(role)};`,
        }),
  ];
}

export function checkTargetRights(target: Server): Finding[] {
  const { role, database, mayCreate, mayCreateInPublic } = target;
  const lacks = [
    ...(mayCreate
      ? []
      : [`GRANT CREATE ON DATABASE ${identifier(database)} TO ${identifier(role)};`]),
    ...(mayCreateInPublic ? [] : [`GRANT CREATE ON SCHEMA public TO ${identifier(role)};`]),
  ];
  if (lacks.length === 0) return [fine('target-create', role, 'The role may create the tables.')];
  return [
    blocker('target-create', role, {
      message: `${role} may not create what is to move in ${database}.`,
      why: 'Since PostgreSQL 15 only the owner of a database may create in its schema public.',
      cure: lacks.join('\n'),
    }),
  ];
}

export function checkWritable({ readOnly, role, database }: Server): Finding[] {
  if (readOnly === null) return [fine('target-writable', 'target', 'The target takes writes.')];
  if (readOnly === 'setting') {
    return [
      blocker('target-writable', 'target', {
        message: 'The target takes no writes.',
        why: 'default_transaction_read_only is on: some providers set it when the disk is nearly full.',
        cure: `SET default_transaction_read_only = off;\nALTER DATABASE ${identifier(database)} RESET default_transaction_read_only;\nALTER ROLE ${identifier(role)} RESET default_transaction_read_only;`,
      }),
    ];
  }
  return [
    blocker('target-writable', 'target', {
      message: 'The target is a replica: it takes no writes.',
      why: 'It follows another server.',
      cure: 'Give the URL of its primary; with several hosts, add target_session_attrs=read-write.',
    }),
  ];
}

export function checkSourcePrimary({ readOnly }: Server): Finding[] {
  if (readOnly !== 'replica')
    return [fine('source-primary', 'source', 'The source is the primary.')];
  return [
    blocker('source-primary', 'source', {
      message: 'The source is a replica.',
      why: 'Writers can be held back, and a publication made, only at the primary.',
      cure: 'Give the URL of its primary with --from.',
    }),
  ];
}

/** Whether the triggers of the user’s tables can be passed by while rows of another server come in. */
export function checkTriggersOff(allowed: boolean, { role, version }: Server): Finding[] {
  if (allowed) {
    return [fine('target-triggers', role, 'Triggers can be left out while rows arrive.')];
  }
  return [
    warning('target-triggers', role, {
      message: `${role} may not set session_replication_role at the target.`,
      why: 'So the user triggers of the tables are switched off by their owner, table by table, while rows arrive.',
      cure:
        version < 150_000
          ? null
          : `GRANT SET ON PARAMETER session_replication_role TO ${identifier(role)};`,
    }),
  ];
}
