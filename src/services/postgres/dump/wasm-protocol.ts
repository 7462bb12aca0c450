/** What a write of pg_dump was. */
interface Written {
  kind: 'start-up' | 'encryption' | 'requests';
  /** Complete requests in what has come so far that the server ends with ReadyForQuery. */
  rounds: number;
}

const ENCRYPTION = new Set([80877103, 80877104]);
const [QUERY, SYNC] = [0x51, 0x53];

/** Gathers what pg_dump writes until it is worth sending: libpq may write half of a long message. */
export class Requests {
  #started = false;
  #pending = Buffer.alloc(0);
  #rounds = 0;
  /** Where the next unread message begins. */
  #next = 0;

  push(bytes: Uint8Array): Written {
    if (!this.#started) return this.#start(Buffer.from(bytes));
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#next + 5 <= this.#pending.length) {
      const end = this.#next + 1 + this.#pending.readInt32BE(this.#next + 1);
      if (end > this.#pending.length) break;
      const type = this.#pending[this.#next];
      if (type === QUERY || type === SYNC) this.#rounds += 1;
      this.#next = end;
    }
    const whole = this.#next === this.#pending.length;
    return { kind: 'requests', rounds: whole ? this.#rounds : 0 };
  }

  take(): Uint8Array {
    const taken = this.#pending;
    this.#pending = Buffer.alloc(0);
    this.#rounds = 0;
    this.#next = 0;
    return taken;
  }

  #start(bytes: Buffer): Written {
    if (bytes.length >= 8 && ENCRYPTION.has(bytes.readInt32BE(4))) {
      return { kind: 'encryption', rounds: 0 };
    }
    this.#started = true;
    return { kind: 'start-up', rounds: 0 };
  }
}

/** AuthenticationOk, ParameterStatus, BackendKeyData, ReadyForQuery: the session is logged in already. */
export function startUpAnswer(parameters: Readonly<Record<string, string>>): Uint8Array {
  const statuses = Object.entries(parameters).map(([name, value]) =>
    message('S', Buffer.from(`${name}\0${value}\0`)),
  );
  return Buffer.concat([
    message('R', Buffer.alloc(4)),
    ...statuses,
    message('K', Buffer.alloc(8)),
    message('Z', Buffer.from('I')),
  ]);
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
