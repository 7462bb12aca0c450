const HIDDEN = '••••';

/**
 * Text that must not get out by accident: JSON, templates and Node's `inspect` print dots for it, and
 * copies of the object that holds it carry a reference, not the text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** In the clear, for whom it is meant. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }
}
