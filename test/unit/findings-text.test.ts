import { expect, it } from 'vitest';
import { findingsText, tally } from '../../src/commands/migrate/findings-text.ts';
import { blocker, type Finding, fine, warning } from '../../src/model/finding.ts';

const findings: Finding[] = [
  fine('version', 'target', 'PostgreSQL 17 goes to 17.'),
  warning('clock', 'target', {
    message: 'The clocks differ by 9 s.',
    why: 'now() jumps.',
    cure: null,
  }),
  fine('encoding', 'target', 'Both are UTF8.'),
  blocker('wal-level', 'source', {
    message: 'The log does not hold what is needed.',
    why: 'wal_level is replica.',
    cure: 'alter system set wal_level = logical;\nrestart',
  }),
];

it('puts what blocks first, then what to look at, and all that is well on one line', () => {
  expect(findingsText(findings)).toBe(
    [
      '2 ok · 1 look · 1 blocks',
      '',
      'BLOCKS The log does not hold what is needed.  [wal-level]',
      '       wal_level is replica.',
      '           alter system set wal_level = logical;',
      '           restart',
      '',
      'look   The clocks differ by 9 s.  [clock]',
      '       now() jumps.',
      '',
      'ok     version, encoding',
    ].join('\n'),
  );
});

it('says so when there is nothing to say', () => {
  expect(findingsText([])).toBe('0 ok · 0 look · 0 blocks');
  expect(tally(findings)).toBe('2 ok · 1 look · 1 blocks');
});

it('lets no escape sequence of a table’s name reach the terminal', () => {
  const evil = warning('x', 'x', { message: 'a\u001b[2Jb', why: 'c\u0007', cure: 'd\u001b]0;e' });
  expect(findingsText([evil])).not.toMatch(/[^\P{Cc}\n]/u);
});
