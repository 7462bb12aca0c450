import { blocker, type Finding, fine } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import { describeTarget } from '../../database/url.ts';

/**
 * @param pids server processes behind two sessions of ours that are open at once
 *
 * A pooler that lends a connection for a transaction each keeps neither snapshots nor replication.
 * One server process behind two open sessions gives it away; under load it may not, so that the
 * names and ports of the well-known ones count as well.
 */
export function checkPooler(side: Side, url: string, pids: readonly [number, number]): Finding[] {
  const { where } = describeTarget(url);
  const known = directUrl(url);
  if (pids[0] !== pids[1] && known === null) {
    return [fine('pooler', side, `The ${side} is reached without a pooler.`)];
  }
  return [
    blocker('pooler', side, {
      message: `${where} is a pooler that lends connections for a transaction each.`,
      why: 'A copy needs one session from its beginning to its end, and replication passes no such pooler.',
      cure:
        known ??
        'Give the URL of the server itself: the host and port that the pooler connects to, usually port 5432.',
    }),
  ];
}

/** What to change in `url`, in words without its secrets; null where it names no known pooler. */
export function directUrl(url: string): string | null {
  const { hosts } = describeTarget(url);
  for (const { host, port } of hosts) {
    if (host.endsWith('.pooler.supabase.com')) {
      if (port !== 6543) continue;
      return `Use the direct connection: host db.PROJECT-REF.supabase.co, port 5432, user postgres. (Where there is no IPv6: its session pooler, ${host}:5432, moves data in, but gives no way back.)`;
    }
    if (/^[^.]+-pooler\./.test(host)) {
      return `Leave -pooler out of the host: ${host.replace('-pooler.', '.')}`;
    }
    if (port === 6543) return `Use port 5432 instead of 6543: ${host}:5432`;
    if (port === 25061) return `Use port 25060 instead of 25061: ${host}:25060`;
  }
  return null;
}
