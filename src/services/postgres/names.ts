import pg from 'pg';

/** A table, view, sequence or function, as the catalog names it: unquoted. */
export interface QualifiedName {
  schema: string;
  name: string;
}

/** As SQL takes it. */
export function quoted({ schema, name }: QualifiedName): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** As a person reads it: without the schema that everything is in. */
export function shown({ schema, name }: QualifiedName): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}

/** For maps. */
export function keyOf({ schema, name }: QualifiedName): string {
  return JSON.stringify([schema, name]);
}
