import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Store, StoreUnavailable } from '../../../../starter/lib/store.ts';
import type { Tokens } from './auth.ts';
import { HttpError, send } from './http.ts';
import { accountRoutes, noteRoutes, type Routes } from './routes.ts';

export interface AppOptions {
  replica: string;
  store: Store;
  tokens: Tokens;
  /** One line for each request, and for what went wrong. */
  log: (line: string) => void;
  /** True while no new requests are wanted. */
  leaving: () => boolean;
}

/** The notes app: all its state is in the database, so that any replica may answer any request. */
export function notesApp(options: AppOptions): Server {
  const { replica, store, tokens, log, leaving } = options;
  const routes: Routes = {
    ...probeRoutes(options),
    ...accountRoutes(store, tokens),
    ...noteRoutes(store, tokens),
  };
  return createServer(async (req, res) => {
    const startedAt = performance.now();
    res.setHeader('x-portsync-replica', replica);
    if (leaving()) res.setHeader('connection', 'close');
    await dispatch(routes, req, res).catch((error) => fail(res, error, log));
    if (isProbe(req)) return;
    const ms = Math.round(performance.now() - startedAt);
    log(`${req.method} ${req.url} ${res.statusCode} ${ms} ms`);
  });
}

function probeRoutes({ store, log, leaving }: AppOptions): Routes {
  let said = '';
  return {
    'GET /api/health': async ({ res }) => send(res, 200, { ok: true }),
    'GET /api/ready': async ({ res }) => {
      if (leaving()) throw new HttpError(503, 'leaving', 'This replica is shutting down.');
      const problem = await store.ready().then(
        () => '',
        (error: Error) => error.message || String(error),
      );
      // Asked several times a second: said once.
      if (problem !== said) log(problem ? `not ready: ${problem}` : 'ready again');
      said = problem;
      if (problem) throw new HttpError(503, 'database', 'The database does not answer.');
      send(res, 200, { ok: true });
    },
  };
}

function isProbe(req: IncomingMessage): boolean {
  return req.url === '/api/health' || req.url === '/api/ready';
}

async function dispatch(routes: Routes, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(`http://localhost${req.url ?? '/'}`);
  const [, id = ''] = /^\/api\/notes\/([^/]+)$/.exec(pathname) ?? [];
  const path = id ? '/api/notes/:id' : pathname;
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  const route = routes[`${method} ${path}`];
  if (route) return route({ req, res, id, query: searchParams });
  const methods = Object.keys(routes).map((known) => known.split(' '));
  const allowed = methods.flatMap(([known, at]) => (at === path ? [known] : [])).join(', ');
  if (!allowed) throw new HttpError(404, 'not-found', 'There is nothing here.');
  res.setHeader('allow', allowed);
  throw new HttpError(405, 'method', `This takes ${allowed}.`);
}

function fail(res: ServerResponse, error: unknown, log: (line: string) => void): void {
  const { status, code, message } = asHttpError(error);
  if (!(error instanceof HttpError)) log(`${code}: ${(error as Error).message}`);
  if (res.headersSent) return void res.destroy();
  if (status === 503) res.setHeader('retry-after', '1');
  // What is left of a body that was refused would be read as the next request.
  if (status === 413) res.setHeader('connection', 'close');
  send(res, status, { error: { code, message } });
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreUnavailable) {
    return new HttpError(503, 'database', 'The database did not take the request; try again.');
  }
  return new HttpError(500, 'failed', 'The request failed; the replica’s log says why.');
}
