// Parts of the mongodb driver beneath its public face. Its version is pinned, and the integration
// tests run through here: an update that moves them is seen.
declare module 'mongodb/lib/cmap/connect.js' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Document } from 'mongodb';

  export interface Connection extends EventEmitter {
    readonly socket: Socket;
    readonly closed: boolean;
    /** Of the handshake. */
    readonly hello: Document | null;
    command(ns: { db: string }, command: Document, options: object): Promise<Document>;
    destroy(): void;
  }

  /** Opens a socket, shakes hands, logs in. */
  export function connect(options: object): Promise<Connection>;
}

declare module 'mongodb/lib/connection_string.js' {
  import type { HostAddress } from 'mongodb';

  /** Also sets what the TXT record says in `options`. */
  export function resolveSRVRecord(options: object): Promise<HostAddress[]>;
}

declare module 'mongodb/lib/utils.js' {
  import type { HostAddress as Type } from 'mongodb';

  // The driver's own types promise it at its face, where it is not.
  export const HostAddress: { fromString(host: string): Type };
}
