import type { Document } from 'mongodb';
import { oneLine } from '../database/text.ts';

const DEEPEST = 6;
/** Said with every command, and nothing about what it does. */
const ROUTINE =
  /^(\$|lsid$|txnNumber$|cursor$|batchSize$|comment$|maxTimeMS$|(read|write)Concern$)/;

/**
 * What kind of command it is, without anybody's data: `find notes filter: {user: ?}, sort: {at: ?}`.
 * A long command comes cut off, as a text full of values: then only its kind and its place are said.
 */
export function shapeOfCommand(command: Document | undefined, op: string, ns: string): string {
  const collection = ns.slice(ns.indexOf('.') + 1);
  const entries = Object.entries(command ?? {});
  if (entries.length === 0 || command?.$truncated) return oneLine(`${op} ${collection}`);
  // The parts of an update or a delete come without their command's name.
  const [[first, named] = ['', '']] = entries;
  const whole = typeof named === 'string' || typeof named === 'number';
  const verb = whole
    ? `${first} ${typeof named === 'string' ? named : collection}`
    : `${op} ${collection}`;
  const rest = entries
    .slice(whole ? 1 : 0)
    .filter(([name]) => !ROUTINE.test(name))
    .map(([name, value]) => `${name}: ${shape(value, 0)}`);
  return oneLine(`${verb} ${rest.join(', ')}`);
}

function shape(value: unknown, depth: number): string {
  if (depth === DEEPEST) return '…';
  if (Array.isArray(value)) return `[${shapesOf(value, depth).join(', ')}]`;
  if (!isDocument(value)) return '?';
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${shape(each, depth + 1)}`);
  return `{${fields.join(', ')}}`;
}

/** Documents of the same shape are said once: the stages of a pipeline differ, a thousand rows do not. */
function shapesOf(values: unknown[], depth: number): string[] {
  const shapes = new Set(values.map((each) => shape(each, depth + 1)));
  return shapes.size < values.length ? [...shapes, '…'] : [...shapes];
}

/** Dates, ids and the like are values. */
function isDocument(value: unknown): value is Document {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
