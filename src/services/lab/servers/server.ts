import type { DatabaseKind } from '../../../model/database.ts';
import type { Child } from '../machine/child.ts';
import type { Registration } from '../machine/registry.ts';
import type { ServerUser } from '../machine/user.ts';

export interface Login {
  user: string;
  password: string;
}

/** What a server of the lab was made with, kept beside its data so that it can be started again. */
export interface ServerIdentity {
  /** 0 before the first start. */
  port: number;
  admin: Login;
  /** Who the app, or a customer of the cloud, is there. */
  owner: Login;
  database: string;
}

/** A database server of the lab, running. */
export interface DatabaseServer {
  kind: DatabaseKind;
  /** Like `PostgreSQL 17.10`. */
  product: string;
  child: Child;
  /** As its owner; with the password. */
  url: string;
  /** As its administrator. */
  adminUrl: string;
  identity: ServerIdentity;
}

/** How servers of one kind are made, started and stopped. */
export interface ServerKind {
  /** An empty data directory at `dir`. */
  create(dir: string, identity: ServerIdentity, context: ServerContext): Promise<void>;
  /** On the port it had where that is free, else on another. */
  start(dir: string, identity: ServerIdentity, context: ServerContext): Promise<DatabaseServer>;
  /** After the first start: users and databases, and the sample data for the app's own. */
  fill(db: DatabaseServer, cloud: DatabaseServer): Promise<void>;
  stop(server: DatabaseServer, temporary: boolean): Promise<void>;
}

/** What starting a server needs from around it. */
export interface ServerContext {
  registration: Registration;
  /** A directory for short-lived secrets and copies; it ends with the lab. */
  runtime: string;
  user: ServerUser;
  /** PostgreSQL's directory of binaries, or the mongod. */
  binary: string;
  signal: AbortSignal;
}
