// Parts of the mongodb driver beneath its public face. Its version is pinned, and the integration
// tests run through here: an update that moves them is seen. They are CommonJS: a bundle keeps only
// their default export.
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

  const internals: {
    /** Opens a socket, shakes hands, logs in. */
    connect(options: object): Promise<Connection>;
  };
  export default internals;
}

declare module 'mongodb/lib/connection_string.js' {
  import type { HostAddress } from 'mongodb';

  const internals: {
    /** Also sets what the TXT record says in `options`. */
    resolveSRVRecord(options: object): Promise<HostAddress[]>;
  };
  export default internals;
}

declare module 'mongodb/lib/utils.js' {
  import type { HostAddress } from 'mongodb';

  // The driver's own types promise it at its face, where it is not.
  const internals: { HostAddress: { fromString(host: string): HostAddress } };
  export default internals;
}
