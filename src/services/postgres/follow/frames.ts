/** One message of the server: its type at `from`, a length of four bytes, then its body until `to`. */
export type OnFrame = (bytes: Buffer, from: number, to: number) => void;

const HEADER = 5;
const SLAB_BYTES = 1024 * 1024;
/** More than batches under way ever hold; what is beyond was needed for a large message. */
const SPARE_SLABS = 16;

/**
 * Cuts what comes from a server into its messages. They lie in slabs of memory, whole, for as long as
 * they are needed: `recycle` gives those back that are not, for what comes next.
 */
export class FrameSplitter {
  #slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** What is not yet cut: it has come, and is not a whole message. */
  #from = 0;
  #to = 0;
  /** Slabs that are full, in the order that they were filled. */
  readonly #full: Buffer[] = [];
  readonly #spare: Buffer[] = [];

  push(chunk: Buffer, onFrame: OnFrame): void {
    if (this.#to + chunk.length > this.#slab.length) this.#turnOver(chunk.length);
    chunk.copy(this.#slab, this.#to);
    this.#to += chunk.length;
    const slab = this.#slab;
    while (this.#to - this.#from >= HEADER) {
      const from = this.#from;
      const to = from + 1 + slab.readUInt32BE(from + 1);
      if (to > this.#to) break;
      this.#from = to;
      onFrame(slab, from, to);
    }
  }

  /** Messages that lie in slabs before `slab` are needed no more. */
  recycle(slab: Buffer): void {
    const before = slab === this.#slab ? this.#full.length : this.#full.indexOf(slab);
    for (const free of this.#full.splice(0, Math.max(0, before))) {
      const usual = free.length === SLAB_BYTES;
      if (usual && this.#spare.length < SPARE_SLABS) this.#spare.push(free);
    }
  }

  /** Goes on in another slab, where the message that has begun fits as a whole. */
  #turnOver(coming: number): void {
    const begun = this.#to - this.#from;
    const whole = begun < HEADER ? 0 : 1 + this.#slab.readUInt32BE(this.#from + 1);
    const size = Math.max(begun + coming, whole + coming);
    const next =
      size > SLAB_BYTES
        ? Buffer.allocUnsafeSlow(size)
        : (this.#spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES));
    this.#slab.copy(next, 0, this.#from, this.#to);
    this.#full.push(this.#slab);
    this.#slab = next;
    this.#from = 0;
    this.#to = begun;
  }
}
