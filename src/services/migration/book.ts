import type { Migration } from '../../model/migration.ts';
import { advance, cutoverAt, type Entry, type Position, positionOf, stateAt } from './position.ts';
import type { Shelf } from './shelf.ts';
import { type Happening, stateAfter } from './transitions.ts';

const FIGURES_EVERY_MS = 300;
const FIGURES_EVERY_MS_IN_THE_PAUSE = 100;

export type Patch = Partial<Omit<Migration, 'id' | 'state' | 'kind'>>;

/** One migration's journal, which decides, and its picture, which shows. One process writes it. */
export class Book {
  #migration: Migration;
  #position: Position;
  readonly #shelf: Shelf;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  private constructor(shelf: Shelf, migration: Migration, position: Position) {
    this.#shelf = shelf;
    this.#migration = migration;
    this.#position = position;
  }

  /** `fresh` is what it starts from where there is no picture, or one of an earlier migration. */
  static async open(shelf: Shelf, fresh: Migration): Promise<Book> {
    const position = positionOf(await shelf.readJournal());
    const drawn = await shelf.readPicture();
    const picture = drawn?.id === fresh.id ? drawn : null;
    const book = new Book(shelf, fresh, position);
    if (position.id !== fresh.id) await book.note({ step: 'begin', id: fresh.id });
    else book.#migration = atRest(picture ?? fresh, position);
    return book;
  }

  get migration(): Migration {
    return this.#migration;
  }

  get position(): Position {
    return this.#position;
  }

  /** Before the step that `entry` names. */
  async note(entry: Entry): Promise<void> {
    await this.#shelf.append(entry);
    this.#position = advance(this.#position, entry);
  }

  /** Figures: seen within a moment; a disk that does not take them holds nothing up. */
  show(patch: Patch): void {
    this.#migration = { ...this.#migration, ...patch };
    const pause = this.#migration.state === 'cutting-over';
    this.#timer ??= setTimeout(
      () => void this.#draw(false).catch(() => {}),
      pause ? FIGURES_EVERY_MS_IN_THE_PAUSE : FIGURES_EVERY_MS,
    );
  }

  /** Moves on to the next state. Resolves when that is written, if the disk takes it. */
  async enter(happening: Happening, patch: Patch = {}): Promise<void> {
    const state = stateAfter(this.#migration.state, happening);
    this.#migration = { ...this.#migration, changedAt: now(), problem: null, ...patch, state };
    await this.flush();
  }

  /** Resolves when everything shown is written, if the disk takes it: it is the journal that decides. */
  async flush(): Promise<void> {
    await this.#draw(true).catch(() => {});
  }

  #draw(durable: boolean): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const drawn = this.#writing.then(() => this.#shelf.draw(this.#migration, durable));
    this.#writing = drawn.catch(() => {});
    return drawn;
  }
}

/** Nothing flows until this process has it flow; the picture is of an earlier one. */
function atRest(picture: Migration, position: Position): Migration {
  const { cutover, wayBack } = picture;
  return {
    ...picture,
    state: stateAt(position, picture),
    cutover: cutover && cutoverAt(position, cutover),
    follow: null,
    wayBack: { ...wayBack, open: false },
  };
}

export function now(): string {
  return new Date().toISOString();
}
