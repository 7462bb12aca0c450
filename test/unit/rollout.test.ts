import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/model/job.ts';
import { planRollout, type RolloutFacts } from '../../src/services/rollout/plan.ts';
import { decideRecovery } from '../../src/services/rollout/recover.ts';
import { rollbackRefusal } from '../../src/services/rollout/refusals.ts';
import { warningsOf } from '../../src/services/rollout/warnings.ts';

const facts: RolloutFacts = {
  from: 'blue',
  to: 'green',
  replicas: 3,
  image: null,
  kept: false,
  release: false,
  env: null,
  healthyMs: 120_000,
  watchMs: 5_000,
};
const words = (changes: Partial<RolloutFacts>) =>
  planRollout({ ...facts, ...changes }).map((operation) => operation.words);

describe('the plan of a rollout', () => {
  it('reads as what will be done', () => {
    expect(words({ image: 'shop:2' })).toEqual([
      'start 3 green replicas with shop:2',
      'wait until all 3 are healthy, at most 120 s',
      'send every request to green instead of blue, in one step',
      'watch green for 5 s; should it fail, go back to blue',
      'let blue end its running requests',
      'stop blue, and keep it for a rollback',
    ]);
  });

  it('has the release command before anything starts, and the .env before the switch', () => {
    const steps = planRollout({ ...facts, release: true, env: 'set SMTP_HOST' });
    expect(steps.map(({ id }) => id)).toEqual([
      'release',
      'start',
      'healthy',
      'env',
      'switch',
      'watch',
      'drain',
      'stop',
    ]);
    expect(steps[3]?.words).toBe('write the .env: set SMTP_HOST');
  });

  it('of the first replicas has nothing to stop; of a rollback starts what was kept', () => {
    expect(words({ from: null, to: 'blue', replicas: 1 })).toEqual([
      'start 1 blue replica with the image that runs now',
      'wait until it is healthy, at most 120 s',
      'send every request to blue, in one step',
      'watch blue for 5 s',
    ]);
    expect(words({ kept: true })[0]).toBe('start 3 green replicas again, as it was');
  });
});

describe('what a rollout that was cut off becomes', () => {
  const decide = (changes: Partial<Parameters<typeof decideRecovery>[0]>) =>
    decideRecovery({
      from: 'blue',
      to: 'green',
      serving: 'blue',
      toHealthy: false,
      fromHealthy: false,
      ...changes,
    });
  it.each([
    ['undo', 'the old colour still serves', {}],
    ['finish', 'the new colour serves and is well', { serving: 'green', toHealthy: true }],
    ['undo', 'the new colour serves and is not well', { serving: 'green', fromHealthy: true }],
    ['nothing', 'neither is well', { serving: 'green' }],
    ['nothing', 'something else serves', { serving: null }],
    ['undo', 'nothing served before, and nothing does', { from: null, serving: null }],
  ] as const)('%s, when %s', (expected, _when, changes) => {
    expect(decide(changes)).toBe(expected);
  });
});

describe('a rollback', () => {
  const job = (changes: Partial<Job>): Job => ({
    id: 'x',
    kind: 'deploy',
    what: 'deploy: shop:2',
    at: '2026-01-01T10:00:00.000Z',
    author: 'maria',
    host: 'main',
    owner: 'x',
    plan: [],
    facts: { from: 'blue', to: 'green' },
    operations: [],
    outcome: 'done',
    ...changes,
  });
  const migration = (startedAt: string) =>
    ({ cutover: { way: 'forward', startedAt } }) as Parameters<typeof rollbackRefusal>[1];

  it('goes to what the last finished rollout stopped', () => {
    expect(rollbackRefusal([job({})], null)).toBeNull();
    expect(rollbackRefusal([], null)).toBeNull();
    const undone = (id: string) =>
      job({ outcome: 'undone', operations: [{ id, state: 'failed', at: '', problem: null }] });
    expect(rollbackRefusal([job({}), undone('start')], null)?.why).toMatch(/was undone/);
    expect(rollbackRefusal([job({}), undone('release')], null)).toBeNull();
  });

  it('never goes to replicas that know the database of before a cut-over', () => {
    const after = '2026-01-01T11:00:00.000Z';
    expect(rollbackRefusal([job({})], migration(after))?.code).toBe('no-rollback');
    expect(rollbackRefusal([], migration(after))?.code).toBe('no-rollback');
    expect(rollbackRefusal([job({})], migration('2026-01-01T09:00:00.000Z'))).toBeNull();
  });
});

describe('the warnings of a changed .env', () => {
  const change = (key: string, rebuild = false) =>
    ({ key, rebuild, change: 'changed', before: null, after: null }) as const;
  it('name what needs a new image, and another database', () => {
    const changes = [change('NEXT_PUBLIC_URL', true), change('DATABASE_URL'), change('A')];
    expect(warningsOf({ changes })).toEqual([
      expect.stringMatching(/^NEXT_PUBLIC_URL: .*new image/),
      expect.stringMatching(/^DATABASE_URL: .*another database/),
    ]);
    expect(warningsOf({ changes: [change('A')] })).toEqual([]);
    expect(warningsOf(null)).toEqual([]);
  });
});
