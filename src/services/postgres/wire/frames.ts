const COPY_DATA = 0x64;
const HEADER_BYTES = 5;

interface FrameHandlers {
  /** Frames of CopyData, or parts of them, as they came: headers included, never re-framed. */
  data(bytes: Buffer): void;
  /** Any other message, whole. */
  message(type: string, body: Buffer): void;
}

/**
 * Splits what a PostgreSQL server sends into CopyData, which may be passed on as it is because both
 * directions frame it alike, and everything else. Holds no more than one message that is not data.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class FrameSplitter {
  readonly #handlers: FrameHandlers;
  /** Bytes of the current CopyData that are still to come. */
  #dataLeft = 0;
  /** A header cut by the end of a chunk, or a message that is not data, as far as it has come. */
  #kept: Buffer = Buffer.alloc(0);

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  push(chunk: Buffer): void {
    const bytes = this.#kept.length > 0 ? Buffer.concat([this.#kept, chunk]) : chunk;
    this.#kept = Buffer.alloc(0);
    let at = 0;
    while (at < bytes.length) {
      const end = this.#endOfData(bytes, at);
      if (end > at) this.#handlers.data(bytes.subarray(at, end));
      at = end;
      const after = this.#takeMessage(bytes, at);
      if (after === null) break;
      at = after;
    }
  }

  /** Where the run of CopyData that begins at `at` ends: at another message, or a cut header. */
  #endOfData(bytes: Buffer, from: number): number {
    let at = from;
    for (;;) {
      const step = Math.min(this.#dataLeft, bytes.length - at);
      at += step;
      this.#dataLeft -= step;
      if (at + HEADER_BYTES > bytes.length || bytes[at] !== COPY_DATA) return at;
      this.#dataLeft = bytes.readInt32BE(at + 1) - 4;
      at += HEADER_BYTES;
    }
  }

  /** Null where nothing can be done before more has come. */
  #takeMessage(bytes: Buffer, at: number): number | null {
    if (at === bytes.length || this.#dataLeft > 0) return null;
    const headed = at + HEADER_BYTES <= bytes.length;
    const end = headed ? at + 1 + bytes.readInt32BE(at + 1) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) {
      this.#kept = Buffer.from(bytes.subarray(at));
      return null;
    }
    const type = String.fromCharCode(bytes[at] ?? 0);
    this.#handlers.message(type, bytes.subarray(at + HEADER_BYTES, end));
    return end;
  }
}

/** `COPY 12` and the like, without the final zero. */
export function tagOf(body: Buffer): string {
  return body.toString('utf8', 0, body.length - 1);
}

/** ErrorResponse as the driver's own errors look, so that one translation serves both. */
export function serverError(body: Buffer): Error {
  const fields = new Map<string, string>();
  for (const field of body.toString('utf8').split('\0')) {
    if (field !== '') fields.set(field[0] ?? '', field.slice(1));
  }
  const message = fields.get('M') ?? 'unknown error';
  return Object.assign(new Error(message), { code: fields.get('C'), detail: fields.get('D') });
}

/** A simple query, which may hold several statements. */
export function queryFrame(sql: string): Buffer {
  return frame('Q', `${sql}\0`);
}

export const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

export function copyFail(reason: string): Buffer {
  return frame('f', `${reason}\0`);
}

function frame(type: string, body: string): Buffer {
  const length = Buffer.byteLength(body);
  const bytes = Buffer.alloc(HEADER_BYTES + length);
  bytes.write(type, 'latin1');
  bytes.writeInt32BE(length + 4, 1);
  bytes.write(body, HEADER_BYTES);
  return bytes;
}
