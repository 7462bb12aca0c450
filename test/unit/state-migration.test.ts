import { describe, expect, it } from 'vitest';
import { failed, ready } from '../../src/model/reading.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Effect } from '../../src/state/effects.ts';
import { emptyTrack, record, type Track } from '../../src/state/history.ts';
import { type Deed, isEffect, labelOf, reasonOf } from '../../src/state/keys/binding.ts';
import { bindingOf, hintRows } from '../../src/state/keys/commands.ts';
import { press } from '../../src/state/keys/press.ts';
import { heldSince, isStalled, migrationWord, stepOf } from '../../src/state/migration.ts';
import { counted, findingRows } from '../../src/state/migration-draft.ts';
import { copyLeft, copyRate, phasesOf } from '../../src/state/migration-progress.ts';
import { proofRows } from '../../src/state/migration-proof.ts';
import { type MigrationKey, type State, topOf } from '../../src/state/state.ts';
import { createStore } from '../../src/state/store.ts';
import { ago, having, NOW, noAnswer, pressed, shop, working } from '../frames/fixtures.ts';
import {
  checkedWith,
  MASKED,
  MIGRATE,
  migrations,
  PASSWORD,
  preflight,
  seenMigration,
  TARGET,
} from '../frames/migration-fixtures.ts';

const size = { columns: 120, rows: 40 };
const { base, inStep, pause, switched, differing } = migrations;
const start = () => pressed(seenMigration(working(size), null), 'm');
const typed = () => having(start(), { type: 'paste', text: TARGET });
const at = (migration: typeof base) => pressed(seenMigration(working(size), migration), 'm');
const effects = (deeds: readonly Deed[]): Effect[] => deeds.filter(isEffect);
const reason = (state: State, key: string) => {
  const binding = bindingOf(state, key);
  return binding ? reasonOf(binding, state) : `no key ${key}`;
};

describe('before a move', () => {
  it('m asks at once for the connection string, and Esc leaves as if nothing had been', () => {
    expect(topOf(start())?.name).toBe('target');
    expect(pressed(typed(), 'esc').overlays).toEqual([]);
    expect(effects(press(typed(), 'esc'))).toEqual([]);
  });

  it('Enter looks at both servers; Esc stops that, with the text still there', () => {
    const looking = pressed(typed(), 'enter');
    expect(stepOf(looking)).toBe('preflight');
    expect(looking.draft.target?.reveal()).toBe(TARGET);
    const back = pressed(looking, 'esc');
    const top = topOf(back);
    expect(top?.name === 'target' && top.field.text).toBe(TARGET);
    const late = { target: MASKED, preflight };
    expect(having(back, { type: 'checked', look: 1, answer: late }).draft.checked).toBeNull();
  });

  it('what cannot be read stays in the box, with the reason', () => {
    const wrong = having(pressed(typed(), 'enter'), { type: 'checked', look: 1, answer: noAnswer });
    const top = topOf(wrong);
    expect(top?.name === 'target' && [top.field.text, top.problem]).toEqual([TARGET, noAnswer]);
    const typedOn = topOf(pressed(wrong, 'x'));
    expect(typedOn?.name === 'target' && typedOn.problem).toBeNull();
  });

  it('starts nothing while something blocks', () => {
    const found = checkedWith(typed(), preflight);
    expect(counted(found)).toEqual({ ok: 5, warning: 2, blocker: 1 });
    expect(findingRows(found).map(({ finding }) => finding?.severity ?? 'ok…')).toEqual([
      'blocker',
      'warning',
      'warning',
      'ok…',
    ]);
    expect(reason(found, 's')).toBe('1 finding blocks');
    expect(pressed(found, 's').toast?.kind).toBe('refused');
    expect(pressed(found, 'G', 'enter').draft.allShown).toBe(true);
  });

  it('copies the cure of the chosen finding', () => {
    const found = checkedWith(typed(), preflight);
    expect(effects(press(found, 'y'))).toEqual([
      { do: 'copy', text: preflight.findings.find(({ id }) => id === 'no-key')?.cure },
    ]);
    expect(reason(pressed(found, 'G'), 'y')).toBe('nothing to copy');
  });

  it('starts after a yes, and lets go of the connection string once it has begun', () => {
    const blockers = preflight.findings.filter(({ severity }) => severity !== 'blocker');
    const asked = pressed(checkedWith(typed(), { ...preflight, findings: blockers }), 's');
    expect(topOf(asked)?.name).toBe('confirm');
    const [effect] = effects(press(asked, 'enter'));
    if (effect?.do !== 'migrate-start') throw new Error('nothing started');
    expect(effect.target?.reveal()).toBe(TARGET);
    const noted = having(pressed(asked, 'enter'), { type: 'starting', on: true });
    expect(stepOf(seenMigration(noted, { ...base, state: 'idle' }))).toBe('preflight');
    const begun = seenMigration(noted, { ...base, state: 'preflight' });
    expect(begun.draft.target).toBeNull();
    expect(stepOf(begun)).toBe('under-way');
  });
});

describe('a move under way', () => {
  it('is opened at its step by m, in any later session', () => {
    const steps: Array<[typeof base, string]> = [
      [base, 'under-way'],
      [{ ...base, state: 'failed' }, 'under-way'],
      [inStep, 'in-step'],
      [{ ...inStep, state: 'cutting-over', cutover: pause }, 'pause'],
      [switched, 'switched'],
      [{ ...switched, state: 'returned' }, 'returned'],
      [{ ...switched, state: 'finished' }, 'ended'],
    ];
    for (const [migration, step] of steps) {
      expect(stepOf(at(migration)), migration.state).toBe(step);
      expect(topOf(at(migration))?.name).toBe('migrate');
    }
  });

  it('can be cut over only when in step, and only after a yes', () => {
    expect(reason(at(base), 'c')).toBe('not in step yet');
    const asked = pressed(at(inStep), 'c');
    expect(effects(press(at(inStep), 'c'))).toEqual([]);
    expect(effects(press(asked, 'y'))).toEqual([{ do: 'migrate-cutover' }]);
    const top = topOf(asked);
    expect(top?.name === 'confirm' && top.question.steps).toHaveLength(5);
  });

  it('goes on by R where it failed or nobody works on it, and only there', () => {
    for (const migration of [
      { ...base, state: 'failed' as const },
      { ...base, worker: null },
    ]) {
      expect(effects(press(at(migration), 'R'))).toEqual([{ do: 'migrate-start', target: null }]);
    }
    expect(bindingOf(at(base), 'R')).toBeNull();
    expect(isStalled({ ...switched, worker: null })).toBe(true);
    expect(isStalled({ ...switched, state: 'finished', worker: null })).toBe(false);
  });

  it('is stopped only after a yes, and not while it goes back', () => {
    expect(effects(press(pressed(at(base), 'a'), 'enter'))).toEqual([{ do: 'migrate-abort' }]);
    const held = { ...inStep, state: 'cutting-over' as const, cutover: pause };
    expect(reason(at(held), 'a')).toBeNull();
    const back = { ...held, cutover: { ...pause, way: 'back' as const } };
    expect(reason(at(back), 'a')).toBe('going back is under way');
  });

  it('goes back where the way is open, and says why where it is not', () => {
    expect(effects(press(pressed(at(switched), 'b'), 'enter'))).toEqual([{ do: 'migrate-back' }]);
    const closed = { ...switched, wayBack: { open: false, why: 'no role', lagMs: null } };
    expect(reason(at(closed), 'b')).toBe('no role');
  });

  it('is finished only by who types the project’s name', () => {
    const asked = pressed(at(switched), 'f');
    expect(effects(press(asked, 'enter'))).toEqual([]);
    expect(effects(press(pressed(asked, 'y', 'e', 's'), 'enter'))).toEqual([]);
    const named = pressed(asked, ...'shop');
    expect(effects(press(named, 'enter'))).toEqual([{ do: 'migrate-finish' }]);
    expect(pressed(named, 'esc').overlays).toEqual(at(switched).overlays);
  });

  it('changes nothing in a read-only look', () => {
    for (const screen of Object.values(MIGRATE)) {
      const state = screen(size);
      const look = { ...state, project: { ...shop, readOnly: true } };
      for (const binding of hintRows(look).filter(({ changes }) => changes)) {
        expect(reasonOf(binding, look), labelOf(binding, look)).toBe('read-only');
      }
    }
  });

  it('makes room for the next one when it has ended', () => {
    const again = pressed(at({ ...base, state: 'aborted' }), 'enter');
    expect(topOf(again)?.name).toBe('target');
    expect(stepOf(again)).toBe('target');
  });
});

describe('how it goes', () => {
  const track = (...copied: Array<number | null>): Track<MigrationKey> =>
    copied.reduce(
      (all: Track<MigrationKey>, bytes, second) =>
        record(all, NOW + second * 1000, { copied: bytes, lag: null }),
      emptyTrack<MigrationKey>(),
    );

  it('has the rate of the last half minute, of this copy only', () => {
    expect(copyRate(track(0, 10, 20, 30, 40))).toBe(10);
    expect(copyRate(track(0, 10))).toBeNull();
    expect(copyRate(track(900, 0, 100, 200, 300))).toBe(100);
    const fast = Array.from({ length: 60 }, (_s, second) => (second < 29 ? 0 : (second - 29) * 5));
    expect(copyRate(track(...fast))).toBe(5);
    expect(copyLeft(base, 0)).toBeNull();
  });

  it('tells its phases, and how long each took', () => {
    const phases = phasesOf(base, NOW).map(({ state, ms }) => [state, ms]);
    expect(phases).toEqual([
      ['done', 3000],
      ['doing', 72_000],
      ['waiting', null],
      ['waiting', null],
    ]);
    expect(phasesOf({ ...base, copy: null }, NOW).map(({ state }) => state)[1]).toBe('doing');
    expect(phasesOf(inStep, NOW).map(({ state }) => state)).toEqual([
      'done',
      'done',
      'done',
      'waiting',
    ]);
  });

  it('is in the header in a word', () => {
    const word = (migration: typeof base) =>
      migrationWord(seenMigration(working(size), migration))?.word;
    expect(word(base)).toBe('moving 70%');
    expect(word(inStep)).toBe('in step');
    expect(word(switched)).toBe('switched, way back open');
    expect(word({ ...base, worker: null })).toBe('move stopped');
    expect(word({ ...base, state: 'aborted' })).toBeUndefined();
  });

  it('counts a pause only while requests wait and somebody works on it', () => {
    const held = { ...inStep, state: 'cutting-over' as const, cutover: pause };
    expect(heldSince(held)).toBe(NOW - 410);
    expect(heldSince({ ...held, worker: null })).toBeNull();
    expect(heldSince({ ...held, cutover: { ...pause, heldAt: null } })).toBeNull();
    expect(heldSince(switched)).toBeNull();
  });

  it('puts what differs first in the proof', () => {
    expect(proofRows(at(differing))[0]?.name).toBe('notes');
    expect(proofRows(at(switched))[0]?.name).toBe('events');
  });

  it('keeps what is known while its look fails', () => {
    const reading = failed(ready(inStep, NOW), noAnswer, NOW);
    const stale = having(at(inStep), {
      type: 'reading',
      pane: 'migration',
      id: 'migration',
      reading,
    });
    expect(stepOf(stale)).toBe('in-step');
  });

  it('tells a turn at once, and figures with the next tick', () => {
    const store = createStore(seenMigration(working(size), base));
    let told = 0;
    store.subscribe(() => told++);
    const see = (migration: typeof base) =>
      store.dispatch({
        type: 'reading',
        pane: 'migration',
        id: 'migration',
        reading: ready(migration, NOW),
      });
    see({ ...base, changedAt: ago(1) });
    expect(told).toBe(0);
    see(inStep);
    expect(told).toBe(1);
    see({ ...inStep, state: 'cutting-over', cutover: { ...pause, heldAt: null } });
    see({ ...inStep, state: 'cutting-over', cutover: pause });
    expect(told).toBe(3);
  });
});

describe('the password', () => {
  it('is in no state that could be printed', () => {
    for (const [name, screen] of Object.entries(MIGRATE)) {
      expect(JSON.stringify(screen(size)), name).not.toContain(PASSWORD);
    }
    const asked = { type: 'check', target: new Secret(TARGET) } as const;
    expect(JSON.stringify(asked)).not.toContain(PASSWORD);
  });
});
