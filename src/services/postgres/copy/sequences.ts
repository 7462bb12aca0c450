import pg from 'pg';
import { type QualifiedName, quoted } from '../names.ts';
import type { Session } from './session.ts';

interface SequenceValue extends QualifiedName {
  last: string;
  called: boolean;
}

const BATCH = 200;

const SEQUENCES = `
select n.nspname as schema, c.relname as name from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.relpersistence <> 't' and n.nspname !~ '^pg_'
  and n.nspname not in ('information_schema', 'portsync')
  and not exists (select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by 1, 2`;

/** Sets the target's sequences to where the source's are now. They know no transactions. */
export async function copySequences(
  source: Session,
  target: Session,
  signal: AbortSignal,
): Promise<void> {
  const names = await source.query<QualifiedName & Record<string, unknown>>(SEQUENCES, signal);
  for (let at = 0; at < names.length; at += BATCH) {
    const batch = names.slice(at, at + BATCH);
    const values = await source.query<SequenceValue & Record<string, unknown>>(
      batch.map(readValue).join(' union all '),
      signal,
    );
    await target.query(values.map(setValue).join('; '), signal);
  }
}

function readValue(sequence: QualifiedName): string {
  const [schema, name] = [pg.escapeLiteral(sequence.schema), pg.escapeLiteral(sequence.name)];
  return `select ${schema} as schema, ${name} as name, last_value::text as last,
    is_called as called from ${quoted(sequence)}`;
}

function setValue(value: SequenceValue): string {
  const name = pg.escapeLiteral(quoted(value));
  return `select pg_catalog.setval(${name}::regclass, ${value.last}, ${value.called})`;
}
