import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ask,
  end,
  expectWhole,
  load,
  ORDER,
  Process,
  thereAndBack,
} from '../rig/migration-process.ts';
import { World } from '../rig/migration-world.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a migration', () => {
  it('copies, follows, cuts over, goes back, cuts over again and finishes, and no request fails', async () => {
    const world = new World();
    const stop = load(world);
    const process = new Process(world);
    await thereAndBack(process);
    expect(process.state).toBe('returned');
    expectWhole(world, process);
    await ask(process, 'cutover');
    await process.until(() => process.state === 'switched' && process.mayGoBack);
    expectWhole(world, process);
    await end(process, 'finish');
    await stop();
    expect(process.outcome).toBe('ended');
    expectWhole(world, process);
    expect(world.refused).toEqual([]);
    expect(world.fenced).toEqual({ source: true, target: false });
    expect(world.keeps).toEqual({ source: null, target: null });
    expect(world.counters.target).toBe(7);
  });

  it('that is rehearsed holds nobody, compares, and leaves nothing', async () => {
    const world = new World();
    const stop = load(world);
    const options = { ...ORDER.options, rehearsal: true };
    const process = new Process(world, undefined, { ...ORDER, options });
    await process.until(() => process.over);
    await stop();
    expect([process.outcome, process.state]).toEqual(['ended', 'finished']);
    expectWhole(world, process);
    expect(process.book?.migration).toMatchObject({
      cutover: { way: 'rehearsal', heldAt: null, problem: null },
      proof: { kind: 'full', equal: true },
    });
    expect(process.session.calls).not.toContain('hold');
    expect(process.session.calls).not.toContain('freeze source');
    expect(world.target.size).toBe(0);
    expect(world.fenced).toEqual({ source: false, target: false });
  });

  it('of databases alone freezes and switches them, and lets the source be written no more', async () => {
    const world = new World();
    const process = new Process(world, undefined, { ...ORDER, app: false });
    await process.until(() => process.state === 'switched' && process.mayGoBack);
    expect(world.fenced).toEqual({ source: true, target: false });
    expect(process.session.calls.filter((name) => /hold|switchTo|start/.test(name))).toEqual([]);
    expect(process.book?.migration.cutover).toMatchObject({
      outcome: 'switched',
      heldMs: expect.any(Number),
      heldRequests: null,
    });
  });

  it('without a way back says so, and refuses to go there', async () => {
    const world = new World();
    const why = 'The new server does not give its changes.';
    world.preflight = { ...world.preflight, wayBack: { possible: false, why } };
    const process = new Process(world);
    await process.until(() => process.state === 'switched');
    await process.until(() => process.book?.migration.wayBack.why === why);
    expect(() => process.desk?.ask('back')).toThrow('not open');
    expect(world.keeps.target).toBeNull();
    await end(process, 'finish');
    expectWhole(world, process);
  });

  it('that preflight blocks has failed, and touched nothing', async () => {
    const world = new World();
    world.preflight.findings.push({
      ...{ id: 'wal-level', severity: 'blocker', object: 'wal_level', why: null, cure: 'set it' },
      message: 'The source does not give its changes.',
    });
    const process = new Process(world);
    await process.until(() => process.over);
    expect(process.book?.migration).toMatchObject({
      state: 'failed',
      problem: { code: 'preflight-blocked', next: 'set it' },
    });
    expect(process.session.calls).not.toContain('copy');
  });

  it('that meets a hang in the pause goes back at the deadline, and names the step', async () => {
    const world = new World();
    const stop = load(world);
    const process = new Process(world, (_index, name) => (name === 'quickProof' ? 'hang' : null));
    await process.until(() => process.triedTo('forward') && process.state === 'ready');
    await stop();
    expectWhole(world, process);
    expect(world.refused).toEqual([]);
    expect(process.book?.migration.problem).toMatchObject({
      code: 'cutover-deadline',
      why: expect.stringContaining('proof had not ended'),
    });
  });

  it('that is given up in the pause goes back first', async () => {
    const world = new World();
    const stop = load(world);
    const process = new Process(world, (_index, name) => (name === 'seal' ? 'hang' : null));
    await process.until(() => process.session.calls.includes('seal'));
    await end(process, 'abort');
    await stop();
    expect(process.state).toBe('aborted');
    expectWhole(world, process);
    expect(world.refused).toEqual([]);
  });
});
