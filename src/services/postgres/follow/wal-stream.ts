import type { Duplex } from 'node:stream';
import pg, { type Client } from 'pg';
import { connectionLost } from '../../database/network-errors.ts';
import { type Dialled, dialPostgres, untilAborted } from '../dial.ts';
import { postgresError } from '../errors.ts';
import { borrowStream } from '../wire/borrow.ts';
import { FrameSplitter } from './frames.ts';
import { type Lsn, lsnText } from './lsn.ts';

const STATUS_EVERY_MS = 5000;
/** 2000-01-01, where PostgreSQL's clock begins, in ms. */
const EPOCH_MS = 946_684_800_000;
/** What is left unread when so much came at once is likely more. */
const LARGE_READ = 32 * 1024;
const COPY_DATA = 0x64;
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);

/** Values come as text; these settings make both servers write and read the same text. */
export const SAME_TEXT = [
  "set datestyle = 'ISO'",
  "set intervalstyle = 'postgres'",
  'set extra_float_digits = 3',
  "set bytea_output = 'hex'",
  "set xmloption = 'content'",
  "set lc_monetary = 'C'",
].join(';');

export interface WalStream {
  /** Nothing more is given until `resume`; the server waits, and is told that we live. */
  pause(): void;
  resume(): void;
  /** Messages that were given before those that lie in `bytes` are needed no more. */
  recycle(bytes: Buffer): void;
  /** The server need not keep what lies before `lsn`. */
  confirm(lsn: Lsn): void;
  /** Rejects when the server, or the network, ends it. */
  readonly ended: Promise<never>;
  close(): void;
}

interface Options {
  url: string;
  /** Name of both the slot and the publication. */
  feed: string;
  /** Transactions that committed before it are left out. */
  from: Lsn;
}

/** What comes in; a throw ends the stream with it. */
export interface Receiver {
  /** A message of pgoutput, from `at` until `to`; it stays there until it is recycled. */
  data(bytes: Buffer, at: number, to: number): void;
  /**
   * Everything before `end` was sent, and the server wants to know what of it is confirmed. One that
   * shuts down asks until all of it is, and stays up as long.
   */
  asked(end: Lsn): void;
}

/**
 * Reads a logical slot (streaming replication protocol, CopyBoth):
 * https://www.postgresql.org/docs/current/protocol-replication.html
 */
export async function openWalStream(
  options: Options,
  receiver: Receiver,
  signal: AbortSignal,
): Promise<WalStream> {
  const login = { applicationName: 'portsync', replication: true };
  const dialled = await dialPostgres(options.url, login, signal);
  const { client, socket, where } = dialled;
  try {
    await untilAborted(client.query(SAME_TEXT), socket, signal);
    const stream = new Stream(dialled, options, receiver);
    await untilAborted(stream.started, socket, signal);
    return stream;
  } catch (error) {
    socket.destroy();
    throw postgresError(error, where);
  }
}

class Stream implements WalStream {
  readonly started: Promise<void>;
  readonly ended: Promise<never>;
  readonly #wire: Duplex;
  readonly #splitter = new FrameSplitter();
  readonly #timer: NodeJS.Timeout;
  #confirmed: Lsn;
  #paused = false;
  #fail!: (error: unknown) => void;

  constructor({ client, socket, where }: Dialled, options: Options, receiver: Receiver) {
    this.#confirmed = options.from;
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
    this.ended = new Promise<never>((_, reject) => {
      this.#fail = (error) => {
        clearInterval(this.#timer);
        socket.destroy();
        reject(postgresError(error, where));
      };
    });
    this.ended.catch(() => {});
    socket.once('close', () => this.#fail(connectionLost(where, 'closed')));
    this.#wire = this.#takeOver(client, receiver);
    this.started = new Promise((resolve, reject) => {
      connection.once('replicationStart', resolve);
      this.ended.catch(reject);
    });
    client.query(startQuery(options, this.#fail));
    this.#timer = setInterval(() => this.#sendStatus(), STATUS_EVERY_MS).unref();
  }

  pause(): void {
    this.#paused = true;
    this.#wire.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#wire.resume();
  }

  /** A backlog pours in for as long as one reads, and the target's answers wait behind it. */
  #yield(): void {
    this.#wire.pause();
    setImmediate(() => {
      if (!this.#paused) this.#wire.resume();
    });
  }

  recycle(bytes: Buffer): void {
    this.#splitter.recycle(bytes);
  }

  confirm(lsn: Lsn): void {
    if (lsn <= this.#confirmed) return;
    this.#confirmed = lsn;
    this.#sendStatus();
  }

  close(): void {
    clearInterval(this.#timer);
    this.ended.catch(() => {});
    this.resume();
    this.#wire.end(TERMINATE);
    setTimeout(() => this.#wire.destroy(), 500).unref();
  }

  /** What is no CopyData goes on to the driver: notices, errors, the end. */
  #takeOver(client: Client, receiver: Receiver): Duplex {
    const onFrame = (bytes: Buffer, from: number, to: number) => {
      if (bytes[from] === COPY_DATA) this.#copyData(bytes, from + 5, to, receiver);
      else toDriver(bytes.subarray(from, to));
    };
    const { stream, toDriver } = borrowStream(client, (chunk) => {
      try {
        this.#splitter.push(chunk, onFrame);
        if (chunk.length >= LARGE_READ) this.#yield();
      } catch (error) {
        this.#fail(error);
      }
    });
    return stream;
  }

  #copyData(bytes: Buffer, at: number, to: number, receiver: Receiver): void {
    // XLogData: start, end and clock come before the message of the plug-in.
    if (bytes[at] === 0x77) receiver.data(bytes, at + 25, to);
    // Keepalive: end and clock, then whether the server wants an answer.
    else if (bytes[at] === 0x6b && bytes[at + 17] === 1) {
      this.#sendStatus();
      receiver.asked(bytes.readBigUInt64BE(at + 1));
    }
  }

  /** Standby status update: written, flushed, applied, clock, no answer wanted. */
  #sendStatus(): void {
    if (!this.#wire.writable) return;
    const message = Buffer.alloc(39);
    message.writeUInt8(COPY_DATA, 0);
    message.writeUInt32BE(38, 1);
    message.writeUInt8(0x72, 5);
    for (const at of [6, 14, 22]) message.writeBigUInt64BE(this.#confirmed, at);
    message.writeBigInt64BE(BigInt(Date.now() - EPOCH_MS) * 1000n, 30);
    this.#wire.write(message);
  }
}

interface Wired {
  query(text: string): void;
}

/** The driver's form of a query that is not its own. */
function startQuery({ feed, from }: Options, fail: (error: unknown) => void) {
  const publication = pg.escapeLiteral(pg.escapeIdentifier(feed));
  const text =
    `START_REPLICATION SLOT ${pg.escapeIdentifier(feed)} LOGICAL ${lsnText(from)} ` +
    `(proto_version '1', publication_names ${publication}, messages 'true')`;
  return {
    submit: (connection: unknown) => (connection as Wired).query(text),
    handleError: fail,
    handleCommandComplete: () => {},
    handleReadyForQuery: () => fail(new Error('Connection terminated')),
  };
}
