import type { Lsn } from './lsn.ts';
import { readTuple, type Tuple } from './tuple.ts';

/** A table as the source describes it before its first change: only columns that are sent. */
export interface Relation {
  id: number;
  schema: string;
  name: string;
  /** REPLICA IDENTITY: default, nothing, full, index. */
  identity: 'd' | 'n' | 'f' | 'i';
  columns: Array<{ name: string; key: boolean; type: number; modifier: number }>;
}

export type RowChange =
  | { kind: 'insert'; relation: Relation; row: Tuple }
  /** `old` holds the key where it changed, the whole row with identity full, else it is not sent. */
  | { kind: 'update'; relation: Relation; old: Tuple | null; row: Tuple }
  | { kind: 'delete'; relation: Relation; old: Tuple };

export interface Truncate {
  kind: 'truncate';
  relations: Relation[];
  restartIdentity: boolean;
  /** False where tables were left out that the source truncated as well. */
  whole: boolean;
}

export type Change = RowChange | Truncate;

export type Message =
  | Change
  | { kind: 'begin'; commitLsn: Lsn }
  | { kind: 'commit'; endLsn: Lsn }
  | { kind: 'relation'; relation: Relation }
  /** Of pg_logical_emit_message; a transactional one lies between `begin` and `commit`. */
  | { kind: 'message'; lsn: Lsn; transactional: boolean }
  | { kind: 'other' };

/**
 * Reads pgoutput, protocol version 1 with text values:
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 * Tuples point into the bytes that were given; nothing is copied.
 */
export class PgoutputDecoder {
  readonly #relations = new Map<number, Relation>();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  decode(bytes: Buffer, at: number): Message {
    this.#bytes = bytes;
    this.#at = at + 1;
    switch (bytes[at]) {
      case 0x42: // B
        return { kind: 'begin', commitLsn: this.#int64() };
      case 0x43: // C: flags, position of the commit, end of it
        this.#at += 9;
        return { kind: 'commit', endLsn: this.#int64() };
      case 0x52: // R
        return this.#relation();
      case 0x49: // I
        return this.#insert();
      case 0x55: // U
        return this.#update();
      case 0x44: // D
        return this.#delete();
      case 0x54: // T
        return this.#truncate();
      case 0x4d: // M
        return { kind: 'message', transactional: this.#int8() === 1, lsn: this.#int64() };
      default: // Y, types, and O, origins: what they tell is not needed
        return { kind: 'other' };
    }
  }

  #relation(): Message {
    const id = this.#int32();
    const schema = this.#text() || 'pg_catalog';
    const name = this.#text();
    const identity = String.fromCharCode(this.#int8()) as Relation['identity'];
    const columns = Array.from({ length: this.#int16() }, () => ({
      key: (this.#int8() & 1) === 1,
      name: this.#text(),
      type: this.#int32(),
      modifier: this.#int32(),
    }));
    const relation = { id, schema, name, identity, columns };
    const known = this.#relations.get(id);
    // Described again without a change, as after a vacuum: it stays the same object to those who keep it.
    if (JSON.stringify(known) === JSON.stringify(relation)) return { kind: 'other' };
    this.#relations.set(id, relation);
    return { kind: 'relation', relation };
  }

  #insert(): Message {
    const relation = this.#known();
    this.#at += 1; // N
    return { kind: 'insert', relation, row: this.#tuple() };
  }

  #update(): Message {
    const relation = this.#known();
    const old = this.#int8() === 0x4e ? null : this.#tuple();
    if (old) this.#at += 1; // N
    return { kind: 'update', relation, old, row: this.#tuple() };
  }

  #delete(): Message {
    const relation = this.#known();
    this.#at += 1; // K or O
    return { kind: 'delete', relation, old: this.#tuple() };
  }

  /** CASCADE is not read: every table that it reached is named. */
  #truncate(): Message {
    const count = this.#int32();
    const restartIdentity = (this.#int8() & 2) !== 0;
    const relations = Array.from({ length: count }, () => this.#known());
    return { kind: 'truncate', relations, restartIdentity, whole: true };
  }

  #tuple(): Tuple {
    const { tuple, end } = readTuple(this.#bytes, this.#at);
    this.#at = end;
    return tuple;
  }

  #known(): Relation {
    const id = this.#int32();
    const relation = this.#relations.get(id);
    if (!relation) throw new Error(`pgoutput sent a change of relation ${id} before describing it`);
    return relation;
  }

  #int8(): number {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1);
  }

  #int16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }

  #int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  #int64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigUInt64BE(this.#at - 8);
  }

  #text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }
}
