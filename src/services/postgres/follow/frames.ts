/** One message of the server: its type at `from`, a length of four bytes, then its body until `to`. */
export type OnFrame = (bytes: Buffer, from: number, to: number) => void;

const HEADER = 5;

/** Cuts what comes from a server into its messages, without copying those that arrived whole. */
export class FrameSplitter {
  #parts: Buffer[] = [];
  #size = 0;
  #wanted = 0;

  push(chunk: Buffer, onFrame: OnFrame): void {
    const bytes = this.#joined(chunk);
    if (!bytes) return;
    let at = 0;
    let length = HEADER;
    while (bytes.length - at >= HEADER) {
      length = 1 + bytes.readUInt32BE(at + 1);
      if (bytes.length - at < length) break;
      onFrame(bytes, at, at + length);
      at += length;
      length = HEADER;
    }
    this.#size = bytes.length - at;
    this.#wanted = length;
    this.#parts = this.#size > 0 ? [bytes.subarray(at)] : [];
  }

  /** Null while the message that has begun is not whole: a large one is joined once, at its end. */
  #joined(chunk: Buffer): Buffer | null {
    if (this.#parts.length === 0) return chunk;
    this.#parts.push(chunk);
    this.#size += chunk.length;
    return this.#size < this.#wanted ? null : Buffer.concat(this.#parts, this.#size);
  }
}
