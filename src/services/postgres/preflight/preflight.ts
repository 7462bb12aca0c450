import type { Estimate, Preflight } from '../../../model/migration.ts';
import { pastedUrl } from '../../database/pasted.ts';
import { describeTarget } from '../../database/url.ts';
import { checkUrl } from './check-url.ts';
import { aboutBoth, aboutSource, aboutTarget } from './decide.ts';
import { estimate, estimateFinding, type Ground } from './estimate.ts';
import { lookAtSource, lookAtTarget, type Source, type Target } from './look.ts';
import { placeOf } from './provider.ts';
import { checkWayBack, obstacleBack } from './way-back.ts';

export interface PreflightOptions {
  /** URLs, with their secrets; nothing of those is in what is found. */
  source: string;
  target: string;
  /** The source runs in a container of this machine's engine: settings are made in docker-compose.yml. */
  sourceInContainer?: boolean;
}

/**
 * Looks at both servers and changes neither. What is wrong is a finding; what could not be looked at
 * is one as well.
 * @throws PortSyncError: a URL that cannot be read, a connection that is lost, a signal to stop
 */
export async function preflightPostgres(
  { source, target, sourceInContainer = false }: PreflightOptions,
  signal: AbortSignal,
): Promise<Preflight> {
  const [from, to] = [pastedUrl(source), pastedUrl(target)];
  describeTarget(from);
  describeTarget(to);
  const looks = [lookAtSource(from, sourceInContainer, signal), lookAtTarget(to, signal)] as const;
  // When one fails, the other is not left behind with its connection open.
  await Promise.allSettled(looks);
  const [here, there] = await Promise.all(looks);
  const ground = groundOf(here.seen, there.seen);
  const expected = ground && estimate(ground);
  const back = wayBackOf(there.seen);
  return {
    findings: [
      ...checkUrl('source', from),
      ...checkUrl('target', to),
      ...here.findings,
      ...there.findings,
      ...(here.seen ? aboutHere(from, here.seen, sourceInContainer, expected) : []),
      ...(there.seen ? aboutTarget(to, there.seen) : []),
      ...(here.seen && there.seen
        ? aboutBoth(here.seen, there.seen, placeOf(there.seen.server, false))
        : []),
      ...(back.finding ? [back.finding] : []),
      ...(ground && expected ? [estimateFinding(ground, expected)] : []),
    ],
    estimate: expected,
    wayBack: back.wayBack,
  };
}

function aboutHere(url: string, seen: Source, container: boolean, expected: Estimate | null) {
  return aboutSource(url, seen, placeOf(seen.server, container), expected?.logBytes ?? null);
}

function groundOf(source: Source | null, target: Target | null): Ground | null {
  const sizes = source?.facts.sizes;
  if (!sizes || !source.distance || !target?.distance) return null;
  return { sizes, source: source.distance, target: target.distance, logRate: source.logRate };
}

function wayBackOf(target: Target | null) {
  if (!target?.facts.log) {
    const why = 'The target could not be looked at.';
    return { wayBack: { possible: false, why }, finding: null };
  }
  const { server, facts, streaming } = target;
  const place = placeOf(server, false);
  return checkWayBack(
    obstacleBack(server, facts.log as NonNullable<typeof facts.log>, streaming === null, place),
  );
}
