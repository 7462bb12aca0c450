import { answering } from '../../../lib/api.ts';

export const dynamic = 'force-dynamic';

/** Alive: the process answers. */
export const GET = answering(async () => Response.json({ ok: true }));
