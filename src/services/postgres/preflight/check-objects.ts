import { plural } from '../../../components/format.ts';
import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import type { Offer } from './extensions.ts';
import { identifier, some, statements } from './names.ts';
import type { Objects, Subscription } from './objects.ts';
import { nearlySuperuser } from './provider.ts';
import type { Server } from './server.ts';

/** They are copied, and no stream of changes holds them. */
export function checkLargeObjects({ largeObjects }: Objects): Finding[] {
  if (largeObjects === 0) return [fine('large-objects', 'source', 'There are no large objects.')];
  return [
    warning('large-objects', 'source', {
      message: `The source holds ${plural(largeObjects, 'large object')}: what is written to them during the move stays behind.`,
      why: 'They are copied, but logical decoding does not tell of changes to them.',
      cure: 'Write none while the move goes on, or keep them as bytea: ALTER TABLE t ADD COLUMN content bytea; UPDATE t SET content = lo_get(oid_column);\nTo be rid of one that nothing refers to: SELECT lo_unlink(OID);',
    }),
  ];
}

export function checkForeign({ foreignTables, foreignServers }: Objects): Finding[] {
  if (foreignTables.length + foreignServers.length === 0) {
    return [fine('foreign-tables', 'source', 'No table lies on another server.')];
  }
  const names = some([...foreignServers, ...foreignTables]);
  return [
    warning('foreign-tables', names, {
      message: `Tables of other servers: ${names}.`,
      why: 'Their definition moves, their rows stay where they are; the target must reach those servers, and passwords of user mappings do not move.',
      cure: statements(
        foreignServers,
        (name) =>
          `CREATE USER MAPPING FOR CURRENT_USER SERVER ${identifier(name)} OPTIONS (user '…', password '…');`,
      ),
    }),
  ];
}

export function checkEventTriggers({ eventTriggers }: Objects, target: Server): Finding[] {
  if (eventTriggers.length === 0 || nearlySuperuser(target)) {
    return [fine('event-triggers', 'source', 'No event trigger would be left behind.')];
  }
  const names = some(eventTriggers);
  return [
    warning('event-triggers', names, {
      message: `The event triggers ${names} are left behind.`,
      why: `Only a superuser may create one, and ${target.role} is none at the target.`,
      cure: `As a superuser there, after the move, as the source shows them: SELECT evtname, evtevent, evtfoid::regproc FROM pg_event_trigger;`,
    }),
  ];
}

export function checkPublications({ publications }: Objects): Finding[] {
  if (publications.length === 0) {
    return [fine('publications', 'source', 'Nobody else follows the source.')];
  }
  const names = some(publications);
  return [
    warning('publications', names, {
      message: `The source publishes to others: ${names}.`,
      why: 'Their position in its log means nothing at the target: after the switch they get no more changes.',
      cure: 'After the move, at each subscriber: create the subscription anew with the target’s address and copy_data = false.',
    }),
  ];
}

/** An apply worker passes by triggers, so no fence stops it: it would go on writing at the old database. */
export function checkSubscriptions(subscriptions: readonly Subscription[]): Finding[] {
  const running = subscriptions.filter(({ enabled }) => enabled);
  if (running.length === 0) {
    return [fine('subscriptions', 'source', 'The source takes in no changes of another server.')];
  }
  const names = some(running.map(({ name }) => name));
  return [
    blocker('subscriptions', names, {
      message: `The source takes in changes of another server: ${names}.`,
      why: 'They pass by every fence: after the switch they would still arrive at the old database, and not at the new one.',
      cure: statements(running, ({ name }) => `ALTER SUBSCRIPTION ${identifier(name)} DISABLE;`),
    }),
  ];
}

export function checkLanguages(
  { languages, cFunctions }: Objects,
  there: readonly string[],
  offered: readonly Offer[],
): Finding[] {
  const missing = languages.filter(
    (name) => !there.includes(name) && !offered.some((offer) => offer.name === name),
  );
  return [
    missing.length === 0
      ? fine('languages', 'target', 'The target speaks the language of every function.')
      : blocker('languages', some(missing), {
          message: `Functions are written in ${some(missing)}, which the target does not offer.`,
          why: 'They could not be made there.',
          cure: 'Write them in plpgsql, or take a target that has the language.',
        }),
    cFunctions.length === 0
      ? fine('c-functions', 'source', 'No function comes from a library of its own.')
      : blocker('c-functions', some(cFunctions), {
          message: `${some(cFunctions)}: functions out of a compiled library.`,
          why: 'The library is a file of the source’s machine.',
          cure: 'Install the library at the target as an extension, or drop the functions.',
        }),
  ];
}

export function checkCron({ cron }: Objects): Finding[] {
  if (!cron) return [fine('scheduled-jobs', 'source', 'The source runs no jobs of its own.')];
  return [
    warning('scheduled-jobs', 'pg_cron', {
      message: 'pg_cron runs jobs inside of the source.',
      why: 'Its jobs write past the app: from the switch on they are refused, and they do not move.',
      cure: 'See them: SELECT * FROM cron.job; — after the move create them at the target with cron.schedule(…).',
    }),
  ];
}
