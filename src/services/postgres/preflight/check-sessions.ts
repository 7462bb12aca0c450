import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import { time } from './figures.ts';
import { identifier, some, statements } from './names.ts';
import type { Group, Sessions, Stalling } from './sessions.ts';

/**
 * The app's pool is the largest group of the URL's user, from however many machines. All others are
 * not behind the load balancer, so that no hold reaches them.
 */
export function checkWriters({ groups }: Sessions, role: string): Finding[] {
  const pool = groups.find(({ user }) => user === role);
  const isPool = (group: Group) => group.user === role && group.application === pool?.application;
  const others = groups.filter((group) => !isPool(group));
  if (others.length === 0) {
    return [fine('other-writers', 'source', 'Nobody but the app is connected.')];
  }
  const names = some(others.map(groupText));
  return [
    warning('other-writers', names, {
      message: `Besides the app, others are connected to the source: ${names}.`,
      why: 'Their writes wait during the switch and are refused after it: they have the old URL.',
      cure: 'Stop workers, cron jobs and tools before the switch, and start them with the new URL after it.',
    }),
  ];
}

function groupText({ user, application, address, count }: Group): string {
  const from = address ? ` from ${address}` : '';
  const times = count > 1 ? ` (${count} times)` : '';
  return `${application || 'a client without a name'} as ${user}${from}${times}`;
}

/** Creating the slot waits for these, and so does the lock of the cut-over. */
export function checkStalling({ stalling, hidden }: Sessions, role: string): Finding[] {
  const of = (kind: Stalling['kind']) => stalling.filter((each) => each.kind === kind);
  return [
    ...checkPrepared(of('prepared')),
    ...checkOpen([...of('long'), ...of('idle')], hidden, role),
    ...checkVacuum(of('wraparound')),
  ];
}

function checkPrepared(prepared: readonly Stalling[]): Finding[] {
  if (prepared.length === 0) {
    return [fine('prepared-transactions', 'source', 'No prepared transaction is left over.')];
  }
  return [
    blocker('prepared-transactions', some(prepared.map(({ gid }) => String(gid))), {
      message: `Prepared transactions are open: ${some(prepared.map(({ gid, ms }) => `${gid} for ${time(ms)}`))}.`,
      why: 'The copy’s snapshot waits for them, and they hold their locks even when the server restarts.',
      cure: statements(prepared, ({ gid }) => `ROLLBACK PREPARED '${gid?.replaceAll("'", "''")}';`),
    }),
  ];
}

function checkOpen(open: readonly Stalling[], hidden: boolean, role: string): Finding[] {
  if (open.length > 0) {
    return [
      warning('long-transactions', some(open.map(({ pid }) => String(pid))), {
        message: `Transactions are open for long: ${some(open.map(openText))}.`,
        why: 'The copy’s snapshot waits until they have ended, and so would the switch.',
        cure: statements(open, ({ pid }) => `SELECT pg_terminate_backend(${pid});`),
      }),
    ];
  }
  if (hidden) {
    return [
      warning('long-transactions', 'source', {
        message: `How long others’ transactions last does not show to ${role}.`,
        why: 'One that is open for long would keep the copy and the switch waiting.',
        cure: `GRANT pg_monitor TO ${identifier(role)};`,
      }),
    ];
  }
  return [fine('long-transactions', 'source', 'No transaction has been open for long.')];
}

function checkVacuum(vacuums: readonly Stalling[]): Finding[] {
  if (vacuums.length === 0) {
    return [fine('wraparound-vacuum', 'source', 'No vacuum stands in the way of a lock.')];
  }
  return [
    warning('wraparound-vacuum', some(vacuums.map(({ pid }) => String(pid))), {
      message: 'A vacuum against the wraparound of transaction numbers is running.',
      why: 'It gives way to nobody: the switch cannot lock its table until it is done.',
      cure: 'Wait for it: SELECT * FROM pg_stat_progress_vacuum;',
    }),
  ];
}

function openText({ pid, user, application, ms, kind }: Stalling): string {
  const idle = kind === 'idle' ? ', idle' : '';
  return `${application || user} (pid ${pid}) for ${time(ms)}${idle}`;
}
