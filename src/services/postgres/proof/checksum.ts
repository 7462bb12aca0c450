import pg from 'pg';
import type { Row } from '../connection.ts';
import type { ProofColumn } from './catalog.ts';

/**
 * What a set of rows amounts to, in whatever order it is read. Each row's text becomes 64 bits; the sum
 * sees a row that is there twice, the exclusive or sees what cancels out in a sum, and since the whole
 * row is hashed, values that changed places are seen as well. That two different sets agree in all
 * three has a chance of about 1 in 2^64: enough against accidents, not against an adversary.
 */
export interface Sum {
  rows: number;
  /** 32 hex digits. */
  checksum: string;
}

/** How a row's text becomes 64 bits: `md5` where the databases' encodings differ, since it can recode. */
export type Hash = 'fast' | 'md5';

/** The hash functions give the same from version 11 on; "C", since other collations may fold. */
export function hashSql(text: string, hash: Hash): string {
  if (hash === 'fast') return `hashtextextended(${text} collate "C", 0)`;
  return `('x' || left(md5(convert_to(${text}, 'UTF8')), 16))::bit(64)::int8`;
}

export function rowText(columns: ProofColumn[]): string {
  const values = columns
    .filter(({ form }) => form !== 'none')
    .map(({ name, form }) => {
      const column = `t.${pg.escapeIdentifier(name)}`;
      return form === 'number' ? `${column}::int4` : column;
    });
  return `row(${values.join(', ')})::text`;
}

/** @param rows a FROM clause with the alias t, and what follows it */
export function sumSql(text: string, rows: string, hash: Hash): string {
  return `select count(*)::float8 as rows, coalesce(sum(h), 0)::text as sum,
  coalesce(bit_xor(h), 0)::text as "xor" from (select ${hashSql(text, hash)} as h ${rows}) s`;
}

export function toSum(row: Row | undefined): Sum {
  return {
    rows: Number(row?.rows),
    checksum: hex(String(row?.sum)) + hex(String(row?.xor)),
  };
}

export function sameSum(some: Sum, other: Sum): boolean {
  return some.rows === other.rows && some.checksum === other.checksum;
}

function hex(number: string): string {
  return BigInt.asUintN(64, BigInt(number)).toString(16).padStart(16, '0');
}
