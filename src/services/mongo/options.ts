import { readFile } from 'node:fs/promises';
import { type HostAddress, MongoClient, type MongoOptions } from 'mongodb';
import { resolveSRVRecord } from 'mongodb/lib/connection_string.js';
import { HostAddress as Address } from 'mongodb/lib/utils.js';
import { unusableTls } from '../database/words.ts';

const LIMIT_MS = 6000;

/** A URL as the driver understands it. */
export interface DriverOptions {
  hosts: HostAddress[];
  dbName: string;
  /** For opening a connection to one of the hosts. */
  connect: object;
}

/** Resolves mongodb+srv, reads the certificate files that the URL names. @throws the driver's errors */
export async function driverOptions(url: string, appName: string): Promise<DriverOptions> {
  // Never connected: it is the driver's way to read a URL and to build its login.
  const client = new MongoClient(url, {
    appName,
    compressors: ['none'],
    connectTimeoutMS: LIMIT_MS,
    socketTimeoutMS: LIMIT_MS,
  });
  const { options } = client;
  const hosts = options.srvHost === undefined ? options.hosts : await resolveSRVRecord(options);
  const { authProviders } = (client as unknown as { s: { authProviders: unknown } }).s;
  const files = options.tls ? await certificates(options) : {};
  return {
    hosts,
    dbName: options.dbName,
    connect: { ...options, ...files, authProviders, id: 1, generation: 0, monitorCommands: false },
  };
}

/** A member as a set names it: host:port. */
export function hostOf(name: string): HostAddress {
  return Address.fromString(name);
}

async function certificates(options: MongoOptions): Promise<object> {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  try {
    const [ca, crl, pair] = await Promise.all([
      read(options.tlsCAFile),
      read(options.tlsCRLFile),
      read(options.tlsCertificateKeyFile),
    ]);
    return { ...(ca && { ca }), ...(crl && { crl }), ...(pair && { key: pair, cert: pair }) };
  } catch (error) {
    throw unusableTls(error);
  }
}
