import { resolve } from 'node:path';
import { CancelledError, UsageError } from '../../errors.ts';
import type { SetupActions } from '../../model/actions.ts';
import type { SetupWish } from '../../model/starter.ts';
import { writeInit } from './init.ts';
import { type InitChoices, type InitPlan, planInit } from './init-plan.ts';
import { planLines, writesNothing } from './plan-lines.ts';

const WRITE_LIMIT_MS = 60_000;

/** What the start menu's form does; `portsync init` does the same. */
export function setupActions(): SetupActions {
  let planned: InitPlan | null = null;
  return {
    async plan(wish, signal) {
      planned = null;
      const plan = await planInit(pathOf(wish.dir), choicesOf(wish));
      if (signal.aborted) throw new CancelledError();
      planned = plan;
      const refused = plan.adoption !== null && plan.adoption.text === null;
      const outcome = refused ? 'refused' : writesNothing(plan) ? 'nothing' : 'write';
      return { dir: plan.dir, lines: planLines(plan), outcome };
    },
    async write() {
      if (planned === null) throw new CancelledError();
      const { dir } = planned;
      if (!writesNothing(planned)) await writeInit(planned, AbortSignal.timeout(WRITE_LIMIT_MS));
      return dir;
    },
  };
}

function pathOf(dir: string): string {
  const { HOME } = process.env;
  const typed = dir.trim();
  return resolve(HOME && /^~(?=\/|$)/.test(typed) ? HOME + typed.slice(1) : typed);
}

function choicesOf({ source, image, database, domain, certificate }: SetupWish): InitChoices {
  if (source === 'image' && image.trim() === '') throw noImage();
  return {
    app: null,
    database: database === 'none' ? null : database,
    source: source === 'image' ? { kind: source, image: image.trim() } : { kind: source },
    web: undefined,
    httpPort: 80,
    httpsPort: 443,
    certificate: certificate.trim() || null,
    domain: domain.trim() || null,
  };
}

function noImage(): UsageError {
  return new UsageError({
    code: 'no-image',
    message: 'The image of the app is not named.',
    why: null,
    next: 'Name it as docker pull takes it, or begin with the starter app.',
  });
}
