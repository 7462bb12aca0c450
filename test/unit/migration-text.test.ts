import { describe, expect, it } from 'vitest';
import { statusLines } from '../../src/commands/migrate/text.ts';
import type { Cutover, Migration } from '../../src/model/migration.ts';
import { freshMigration } from '../../src/services/migration/order.ts';
import { ORDER } from '../rig/migration-process.ts';

const CUTOVER: Cutover = {
  way: 'forward',
  startedAt: '2026-11-25T12:00:00.000Z',
  heldAt: '2026-11-25T12:00:02.000Z',
  deadlineMs: 5_000,
  steps: [],
  waiting: 0,
  outcome: 'switched',
  heldMs: 412,
  heldRequests: 212,
  failedRequests: 0,
  problem: null,
};

const text = (patch: Partial<Migration>) =>
  statusLines({ ...freshMigration(ORDER), ...patch }).join('\n');

describe('how a migration stands, in words', () => {
  it('never shows a password', () => {
    expect(text({})).toContain('postgres://app:••••@old:5432/app');
  });

  it('after the switch tells the pause, and the way back', () => {
    const wayBack = { open: true, why: null, lagMs: 10 };
    const worker = { pid: 1, since: CUTOVER.startedAt };
    const told = text({ state: 'switched', cutover: CUTOVER, wayBack, worker });
    expect(told).toContain('held 0.41 s · 212 requests waited, 0 failed');
    expect(told).toContain('portsync migrate back goes back');
    expect(told).not.toContain('No process works on it');
  });

  it('says when nobody works on it, and what goes on with it', () => {
    expect(text({ state: 'copying' })).toContain(
      'No process works on it: portsync migrate goes on',
    );
    expect(text({ state: 'finished' })).not.toContain('No process works on it');
  });

  it('after a rehearsal tells what was measured, and that nobody waited', () => {
    const steps: Cutover['steps'] = [
      { step: 'proof', state: 'done', ms: 900 },
      { step: 'drain', state: 'done', ms: 930 },
    ];
    const cutover: Cutover = { ...CUTOVER, way: 'rehearsal', steps, heldMs: null };
    const told = text({ state: 'finished', rehearsal: true, cutover });
    expect(told).toMatch(/^Rehearsal: finished/);
    expect(told).toContain('the last changes came over within 30 ms');
    expect(told).not.toContain('held');
  });
});
