import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import { major, type Server } from './server.ts';

/** Catalog columns that PortSync reads came with 12; its tests run on 15 and later. */
const OLDEST = 12;
const TESTED = 15;

export function checkVersion(source: Server, target: Server): Finding[] {
  const [from, to] = [major(source.version), major(target.version)];
  const way = `PostgreSQL ${source.shown} goes to ${target.shown}`;
  const old = Math.min(from, to);
  if (old < OLDEST) {
    const object = from < OLDEST ? 'source' : 'target';
    return [
      blocker('version', object, {
        message: `${way}: ${old} is too old.`,
        why: `PortSync reads columns of the catalog that came with PostgreSQL ${OLDEST}.`,
        cure: `Bring the ${object} to a newer version first, with pg_upgrade.`,
      }),
    ];
  }
  if (to < from) {
    return [
      blocker('version', 'target', {
        message: `${way}: an older version.`,
        why: 'The schema of a newer server may hold what an older one does not know.',
        cure: `Make the target a PostgreSQL ${from} or newer.`,
      }),
    ];
  }
  if (old < TESTED) {
    return [
      warning('version', from < TESTED ? 'source' : 'target', {
        message: `${way}: it should work, and is not among what PortSync is tested with.`,
        why: `Logical decoding is there since 10; the tests run on ${TESTED} and newer.`,
        cure: 'Rehearse the move first: that changes nothing for the app.',
      }),
    ];
  }
  return [fine('version', 'target', `${way}.`)];
}
