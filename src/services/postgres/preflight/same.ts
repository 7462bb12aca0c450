import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import { identifier } from './names.ts';
import type { Server } from './server.ts';

/** A server under two names still started only once; the clock counts microseconds. */
export function checkSame(source: Server, target: Server): Finding[] {
  if (source.startedAt !== target.startedAt) {
    return [fine('same-database', 'target', 'The target is another server.')];
  }
  if (source.database === target.database) {
    return [
      blocker('same-database', 'target', {
        message: 'The source and the target are the same database.',
        why: 'The two URLs lead to one server, perhaps by different names, and to one database there.',
        cure: 'Give the URL of the database that the app is to move to.',
      }),
    ];
  }
  return [
    warning('same-database', 'target', {
      message: 'The target is another database of the same server.',
      why: 'The move works, and takes no load from that server.',
      cure: `Give the URL of another server, if ${identifier(target.database)} was not meant.`,
    }),
  ];
}
