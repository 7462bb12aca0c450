import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/state/effects.ts';
import { appliesIn, type Deed, isEffect, reasonOf } from '../../src/state/keys/binding.ts';
import { BINDINGS, bindingOf, commandRows, hintRows, use } from '../../src/state/keys/commands.ts';
import { type KeyFlags, keyNames } from '../../src/state/keys/names.ts';
import { press } from '../../src/state/keys/press.ts';
import { contextOf, type State, screenOf, topOf } from '../../src/state/state.ts';
import {
  beginning,
  having,
  logLines,
  pressed,
  shop,
  troubled,
  working,
} from '../frames/fixtures.ts';
import { MIGRATE } from '../frames/migration-fixtures.ts';
import { STARTER } from '../frames/starter-fixtures.ts';

const size = { columns: 120, rows: 40 };
const lab = { ...shop, lab: true };

/** Boxes have keys of their own, and some take letters as text: the screen beneath them. */
function withoutBoxes(state: State): State {
  const screen = screenOf(state);
  return { ...state, overlays: screen ? [screen] : [] };
}

/** Every place where keys mean something. */
const places: Record<string, State> = {
  containers: working(size),
  'a stopped container': pressed(working(size), 'j', 'j', 'j'),
  nodes: pressed(troubled(size), '2'),
  database: pressed(working(size), '3'),
  env: pressed(working(size), '4'),
  'zoomed containers': pressed(working(size), 'enter'),
  'zoomed env': pressed(working(size), 'b'),
  filtered: pressed(working(size), '/', 'w', 'enter'),
  logs: having(pressed(working(size), 'l'), { type: 'log-lines', lines: logLines }),
  resize: pressed(working(size), 'r'),
  ...Object.fromEntries(
    Object.entries(MIGRATE).map(([name, screen]) => [name, withoutBoxes(screen(size))]),
  ),
  lab: working({ ...size, project: lab }),
  'read-only lab': working({ ...size, project: { ...lab, readOnly: true } }),
  menu: beginning({ ...size, project: null }),
  soon: pressed(beginning({ ...size, project: null }), 'j', 'enter'),
  ...Object.fromEntries(
    Object.entries(STARTER).map(([name, screen]) => [name, withoutBoxes(screen(size))]),
  ),
  failed: having(working(size), {
    type: 'toast',
    toast: { kind: 'failed', what: 'x', why: null, next: null },
  }),
};

const KEYS = [...new Set(BINDINGS.flatMap((binding) => binding.keys))];
const effects = (deeds: readonly Deed[]) => deeds.filter(isEffect);

describe('every key', () => {
  it('has one name, and a sentence for the help', () => {
    const ids = BINDINGS.map((binding) => binding.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(Object.entries(places))('means one thing in %s', (_name, state) => {
    const context = contextOf(state);
    for (const key of KEYS) {
      const found = BINDINGS.filter((b) => b.keys.includes(key) && appliesIn(b, state, context));
      // Esc takes away what is nearest: a message, a filter, then the screen.
      if (key !== 'esc') expect(found.map(({ id }) => id).slice(1), key).toEqual([]);
    }
  });

  it.each(Object.entries(places))('can be found in the palette of %s', (_name, state) => {
    const palette = pressed(state, ':');
    expect(topOf(palette)?.name).toBe('palette');
    const offered = commandRows(palette);
    for (const key of KEYS) {
      const binding = bindingOf(state, key);
      if (!binding) continue;
      expect(offered, key).toContain(binding);
      const chosen = { ...palette.lists.palette, chosen: binding.id };
      const at = { ...palette, lists: { ...palette.lists, palette: chosen } };
      expect(press(at, 'enter'), binding.id).toEqual([{ type: 'close' }, ...press(state, key)]);
    }
  });

  it('changes nothing in a read-only look, and says why', () => {
    const changing = BINDINGS.filter((binding) => binding.changes);
    expect(changing.length).toBeGreaterThan(5);
    for (const state of Object.values(places)) {
      if (!state.project) continue;
      const look = { ...state, project: { ...state.project, readOnly: true } };
      for (const binding of changing) {
        expect(reasonOf(binding, look)).toBe('read-only');
        expect(use(binding, look)).toMatchObject([{ type: 'toast', toast: { kind: 'refused' } }]);
      }
    }
  });

  it('asks before anything ends: no bare key stops, restarts or kills', () => {
    const ending: Array<Effect['do']> = [
      'stop',
      'restart',
      'kill-replica',
      'migrate-cutover',
      'migrate-back',
      'migrate-finish',
      'migrate-abort',
    ];
    for (const [name, state] of Object.entries(places)) {
      for (const key of KEYS) {
        const done = effects(press(state, key)).map((effect) => effect.do);
        expect(
          done.filter((what) => ending.includes(what)),
          `${name}: ${key}`,
        ).toEqual([]);
      }
    }
  });
});

describe('killing a replica', () => {
  it('names it, and happens only after a yes', () => {
    const state = places.lab as State;
    const asked = pressed(state, 'x');
    const top = topOf(asked);
    expect(top?.name === 'confirm' && top.question.title).toBe('Kill web.1 on main?');
    expect(effects(press(asked, 'esc'))).toEqual([]);
    expect(pressed(asked, 'esc')).toEqual(state);
    expect(effects(press(asked, 'enter'))).toEqual([{ do: 'kill-replica', name: 'web.1' }]);
    expect(pressed(asked, 'enter').overlays).toEqual([]);
  });

  it('is refused for what is no replica', () => {
    const refused = pressed(working({ ...size, project: lab }), 'G', 'x');
    expect(refused.overlays).toEqual([]);
    expect(refused.toast?.what).toContain('not a web replica');
  });
});

describe('a disabled key', () => {
  it('stays in the hint bar', () => {
    const empty = beginning(size);
    const logs = hintRows(empty).find((binding) => binding.id === 'logs');
    expect(logs && reasonOf(logs, empty)).toBe('no container');
  });
});

describe('names of keys', () => {
  const none = Object.fromEntries(
    'upArrow downArrow leftArrow rightArrow pageUp pageDown home end return escape tab backspace delete ctrl shift meta'
      .split(' ')
      .map((flag) => [flag, false]),
  ) as unknown as KeyFlags;

  it('are the same whether keys come one by one or in a burst', () => {
    expect(keyNames('jjk', none)).toEqual(['j', 'j', 'k']);
    expect(keyNames('G', { ...none, shift: true })).toEqual(['G']);
    expect(keyNames('', { ...none, tab: true, shift: true })).toEqual(['shift+tab']);
    expect(keyNames('l', { ...none, ctrl: true })).toEqual(['ctrl+l']);
    expect(keyNames('', { ...none, escape: true, meta: true })).toEqual(['esc']);
  });
});
