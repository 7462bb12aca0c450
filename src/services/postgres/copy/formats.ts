import type { Session } from './session.ts';

/** A type of the source, as far as its binary form goes. */
export interface TypeFacts {
  oid: number;
  name: string;
  /** typtype: b base, c composite, d domain, e enum, r range, m multirange, p pseudo. */
  kind: string;
  /** Whether it can be sent and received in binary at all. */
  binary: boolean;
  /** Of an array; 0 for others. */
  element: number;
  /** Of a domain the type below, of a range that of its bounds; 0 for others. */
  base: number;
  /** Of a composite. */
  attributes: number[];
  /** `name version` of the extension that it belongs to. */
  extension: string | null;
}

/** Numbers below are the same in every database; types of users have other ones in each. */
const FIRST_FREE_OID = 10_000;

/** `types` and all that they are made of. */
export async function readTypes(
  source: Session,
  types: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, TypeFacts>> {
  const sql = `
    with recursive used(oid) as (
      select unnest($1::oid[])
      union
      select part from used join pg_type t on t.oid = used.oid
      cross join lateral (
        select t.typelem union all select t.typbasetype
        union all select rngsubtype from pg_range r where ${ofRange('t', 'r')}
        union all select atttypid from pg_attribute
          where attrelid = t.typrelid and attnum > 0 and not attisdropped) p(part)
      where part <> 0)
    select t.oid::int8::float8 as oid, t.typname as name, t.typtype as kind,
      t.typsend <> 0 and t.typreceive <> 0 as binary,
      case when t.typcategory = 'A' then t.typelem else 0 end::int8::float8 as element,
      coalesce(nullif(t.typbasetype, 0), r.rngsubtype, 0)::int8::float8 as base,
      array(select atttypid::int8::float8 from pg_attribute
        where attrelid = t.typrelid and attnum > 0 and not attisdropped) as attributes,
      (select e.extname || ' ' || e.extversion from pg_depend d
        join pg_extension e on e.oid = d.refobjid and d.refclassid = 'pg_extension'::regclass
        where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e') as extension
    from used join pg_type t using (oid)
    left join pg_range r on ${ofRange('t', 'r')}`;
  const rows = await source.query<TypeFacts & Record<string, unknown>>(sql, signal, [types]);
  return new Map(rows.map((row) => [row.oid, row]));
}

/** A range or, where the version has them, its multirange. */
function ofRange(type: string, range: string): string {
  return `${type}.oid in (${range}.rngtypid, (to_jsonb(${range}) ->> 'rngmultitypid')::oid)`;
}

/** As `TypeFacts.extension` has them. */
export async function readExtensions(target: Session, signal: AbortSignal): Promise<Set<string>> {
  const sql = `select extname || ' ' || extversion as extension from pg_catalog.pg_extension`;
  const rows = await target.query<{ extension: string }>(sql, signal);
  return new Set(rows.map(({ extension }) => extension));
}

/**
 * Whether values of a type mean the same in binary at the target. Text always does, but costs both
 * servers more. Arrays and composites name the types within by number; reg… types are such numbers.
 */
export function passesInBinary(
  oid: number,
  types: ReadonlyMap<number, TypeFacts>,
  targetExtensions: ReadonlySet<string>,
): boolean {
  const type = types.get(oid);
  if (!type?.binary) return false;
  const passes = (part: number) => passesInBinary(part, types, targetExtensions);
  const passesByNumber = (part: number) => part < FIRST_FREE_OID && passes(part);
  if (type.element !== 0) return passesByNumber(type.element);
  if (type.kind === 'c') return type.attributes.every(passesByNumber);
  if (type.base !== 0) return passes(type.base);
  if (type.kind === 'e') return true;
  if (type.oid < FIRST_FREE_OID) return !type.name.startsWith('reg');
  return type.extension !== null && targetExtensions.has(type.extension);
}
