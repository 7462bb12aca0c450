import type { DatabaseFigures } from '../../model/database.ts';
import type { Probe } from '../../ports/probe.ts';
import { MongoProbe } from '../mongo/probe.ts';
import { PostgresProbe } from '../postgres/probe.ts';
import { splitUrl } from './url.ts';

/** Watches the database that DATABASE_URL names. @throws UsageError when it cannot be read */
export function databaseProbe(url: string): Probe<DatabaseFigures> {
  return splitUrl(url).kind === 'postgres' ? new PostgresProbe(url) : new MongoProbe(url);
}
