import { connectPostgres, type PostgresConnection } from '../connection.ts';

/**
 * Everything that decides how a value reads as text, so that equal values read equal whatever the
 * server, the database and the role are set to. `row_security` off: a policy that would hide rows is
 * an error. Nothing may end the session while it works, but the server looks once a second whether we
 * are still there.
 */
const SETTINGS = `
set statement_timeout = 0; set search_path = ''; set client_encoding = 'UTF8'; set standard_conforming_strings = on;
set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC';
set extra_float_digits = 3; set bytea_output = 'hex'; set lc_monetary = 'C';
set xmlbinary = 'base64'; set quote_all_identifiers = off; set row_security = off;
set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;
set idle_session_timeout = 0; set client_connection_check_interval = 1000; set jit = off;
do $$ begin
  if current_setting('transaction_timeout', true) is not null then set transaction_timeout = 0; end if;
end $$`;

/** A session whose text forms are the same at every server. */
async function openProofSession(url: string, signal: AbortSignal): Promise<PostgresConnection> {
  const connection = await connectPostgres(url, 'portsync proof', signal);
  try {
    await connection.ask(SETTINGS, signal);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

export interface Urls {
  from: string;
  to: string;
}

/** A session with each side. */
export interface SessionPair {
  source: PostgresConnection;
  target: PostgresConnection;
}

/** All of them, or none. */
export async function openPairs(
  { from, to }: Urls,
  count: number,
  signal: AbortSignal,
): Promise<SessionPair[]> {
  const opened: PostgresConnection[] = [];
  const open = async (url: string) => {
    const session = await openProofSession(url, signal);
    opened.push(session);
    return session;
  };
  const openPair = async () => ({ source: await open(from), target: await open(to) });
  const outcomes = await Promise.allSettled(Array.from({ length: count }, openPair));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failed) return outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []));
  await Promise.all(opened.map((session) => session.close()));
  throw failed.reason;
}

export async function closePairs(pairs: SessionPair[]): Promise<void> {
  const sessions = pairs.flatMap(({ source, target }) => [source, target]);
  await Promise.all(sessions.map((session) => session.close()));
}
