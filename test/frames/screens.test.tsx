import { describe, expect, it } from 'vitest';
import { restoreQuestion } from '../../src/state/env-restore.ts';
import type { State } from '../../src/state/state.ts';
import { asciiOf, textOf } from './draw.tsx';
import {
  absent,
  beginning,
  envChanges,
  envPlaces,
  having,
  logLines,
  pressed,
  restorePlan,
  shop,
  troubled,
  working,
} from './fixtures.ts';
import { STARTER } from './starter-fixtures.ts';

interface Size {
  columns: number;
  rows: number;
}

const SIZES: Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

/** Every screen, as someone gets to it. */
const SCREENS: Record<string, (size: Size) => State> = {
  dashboard: working,
  'dashboard-loading': beginning,
  'dashboard-absent': absent,
  'dashboard-stale': troubled,
  'dashboard-filter': (size) => pressed(working(size), '/', 'w', 'e', 'b'),
  'dashboard-failed': (size) =>
    having(working(size), {
      type: 'toast',
      toast: {
        kind: 'failed',
        what: 'web.3 could not be restarted.',
        why: 'The engine on main did not answer within 10 s.',
        next: 'Try again, or look at its log with l.',
      },
    }),
  lab: (size) => working({ ...size, project: { ...shop, lab: true } }),
  'lab-read-only': (size) =>
    pressed(working({ ...size, project: { ...shop, lab: true, readOnly: true } }), 'x'),
  traffic: (size) => pressed(working(size), 't'),
  containers: (size) => pressed(working(size), 'G', 'enter'),
  nodes: (size) => pressed(working(size), '2', 'enter'),
  'nodes-stale': (size) => pressed(troubled(size), '2', 'j', 'enter'),
  database: (size) => pressed(working(size), '3', 'enter'),
  env: (size) => versions(pressed(working(size), 'b', 'tab')),
  'env-places': (size) =>
    having(
      pressed(working(size), 'b'),
      { type: 'env-places', places: 'reading' },
      { type: 'env-places', places: envPlaces },
    ),
  'env-revealed': (size) =>
    having(versions(pressed(working(size), 'b', 'tab')), {
      type: 'revealed',
      key: 'SMTP_HOST',
      value: 'smtp.example.org',
    }),
  logs: (size) => logs(pressed(working(size), 'l')),
  'logs-wrapped': (size) => pressed(logs(pressed(working(size), 'l')), 'w', 'pageUp'),
  resize: (size) => pressed(working(size), 'r'),
  'add-node': (size) => pressed(troubled(size), 'n'),
  help: (size) => pressed(working(size), '?'),
  palette: (size) => pressed(working(size), ':', 'g', 'o'),
  restore: (size) => {
    const question = restoreQuestion('20261122T091244000Z-24477d17debc', restorePlan);
    const open = { type: 'open', overlay: { name: 'confirm', question } } as const;
    return having(versions(pressed(working(size), 'b')), open);
  },
  confirm: (size) => pressed(working(size), 'X'),
  menu: (size) => beginning({ ...size, project: null }),
  'menu-address': (size) =>
    pressed(beginning({ ...size, project: null }), 'j', 'j', 'enter', 'r', 'o', 'o', 't', '@'),
  ...STARTER,
};

function versions(state: State): State {
  return having(state, { type: 'env-changes', version: 'v23', changes: envChanges });
}

function logs(state: State): State {
  return having(state, { type: 'log-lines', lines: logLines });
}

const file = (name: string, { columns, rows }: Size) =>
  `__frames__/${name}.${columns}x${rows}.frame.txt`;

describe.each(SIZES)('at $columns×$rows', (size) => {
  it.each(Object.entries(SCREENS))('%s', async (name, screen) => {
    await expect(textOf(screen(size))).toMatchFileSnapshot(file(name, size));
  });
});

const ODD_SIZES = [
  [1, 1],
  [30, 8],
  [31, 50],
  [47, 15],
  [79, 19],
  [80, 20],
  [133, 12],
  [300, 33],
] as const;

describe('other sizes', () => {
  const others: Size[] = [
    { columns: 60, rows: 18 },
    { columns: 200, rows: 60 },
  ];
  it.each(others)('the dashboard at $columns×$rows', async (size) => {
    await expect(textOf(troubled(size))).toMatchFileSnapshot(file('dashboard', size));
  });

  it.each(Object.entries(SCREENS))('%s never leaves its terminal', (_name, screen) => {
    const state = screen({ columns: 120, rows: 40 });
    for (const [columns, rows] of ODD_SIZES) textOf({ ...state, columns, rows });
  });
});

describe('without UTF-8 and colours', () => {
  it.each(['dashboard-stale', 'traffic', 'confirm'])('%s', async (name) => {
    const size = { columns: 80, rows: 24 };
    const screen = SCREENS[name];
    if (!screen) throw new Error(`no screen ${name}`);
    const text = asciiOf(screen(size));
    expect(text).toMatch(/^[\x20-\x7E\n]*$/);
    await expect(text).toMatchFileSnapshot(file(`${name}.ascii`, size));
  });
});
