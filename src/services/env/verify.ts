import { type Finding, warning } from '../../model/finding.ts';
import { needsRebuild } from './changes.ts';
import type { Need } from './compose-needs.ts';
import { readingFindings } from './disagree.ts';
import { type EnvDocument, lineCounter } from './document.ts';
import type { Entry } from './scan.ts';
import { looksLikePlaceholder, looksSecret, urlPassword } from './suspicion.ts';

/** What was found around the file, besides its text. */
export interface Surroundings {
  file: string;
  mode: number;
  git: 'tracked' | 'not-ignored' | 'ignored' | 'none';
  /** Of the compose file; null without one. */
  needs: readonly Need[] | null;
}

/** Everything that could surprise someone about this .env. No finding contains a value. */
export function verify(document: EnvDocument, around: Surroundings): Finding[] {
  return [
    ...accessFindings(around),
    ...lineFindings(document),
    ...secretFindings(document),
    ...needFindings(document, around),
    ...readingFindings(document),
  ];
}

function accessFindings({ file, mode, git }: Surroundings): Finding[] {
  const found: Finding[] = [];
  if (mode & 0o077) {
    found.push(
      warning('env-mode', file, {
        message: `Other users of this machine may read the file (mode ${mode.toString(8)}).`,
        why: 'It holds secrets.',
        cure: `chmod 600 ${file}`,
      }),
    );
  }
  if (git === 'tracked' || git === 'not-ignored') {
    const tracked = git === 'tracked';
    found.push({
      id: tracked ? 'env-tracked' : 'env-not-ignored',
      severity: tracked ? 'blocker' : 'warning',
      object: file,
      message: tracked
        ? 'The file is in the git repository.'
        : 'Git does not ignore the file: one careless `git add` takes it in.',
      why: 'Who can read the repository, now or later, can read its secrets.',
      cure: tracked
        ? 'git rm --cached .env && echo .env >> .gitignore, then change every secret in it.'
        : 'echo .env >> .gitignore',
    });
  }
  return found;
}

function lineFindings({ text, entries }: EnvDocument): Finding[] {
  const lineOf = lineCounter(text);
  const byKey = new Map<string, Entry[]>();
  for (const entry of entries) byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
  const repeated = [...byKey].filter(([, all]) => all.length > 1);
  const twice = repeated.map(([key, all]) =>
    warning('env-duplicate', key, {
      message: `It is set more than once: lines ${all.map(({ start }) => lineOf(start)).join(', ')}.`,
      why: 'The last one counts; whoever changes another one changes nothing.',
      cure: 'Remove all but the last.',
    }),
  );
  return [...twice, ...strayLines(text, entries)];
}

function strayLines(text: string, entries: EnvDocument['entries']): Finding[] {
  let between = '';
  let at = 0;
  for (const { start, end } of entries) {
    // Line feeds stay, so that lines keep their numbers.
    between += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, '');
    at = end;
  }
  const lines = (between + text.slice(at)).split('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    return warning('env-stray-line', `line ${index + 1}`, {
      message: 'The line is neither a comment nor an assignment; dotenv passes over it.',
      why: 'Often the rest of a value whose quotes are missing or not closed.',
      cure: 'Quote the value as a whole, or begin the line with “#”.',
    });
  });
}

function secretFindings({ values }: EnvDocument): Finding[] {
  return [...values].flatMap(([key, value]) => {
    const found: Finding[] = [];
    const password = looksSecret(key) ? value : urlPassword(value);
    if (
      password !== null &&
      (looksLikePlaceholder(password) || (password === '' && looksSecret(key)))
    ) {
      found.push(
        warning('env-placeholder', key, {
          message:
            password === '' ? 'The secret is empty.' : 'The secret looks like a placeholder.',
          why: 'What stands in every example file is the first thing an attacker tries.',
          cure: `openssl rand -base64 32 | portsync env set ${key}`,
        }),
      );
    }
    if (needsRebuild(key) && looksSecret(key.slice('NEXT_PUBLIC_'.length)) && value !== '') {
      found.push(
        warning('env-public-secret', key, {
          message: 'It is named like a secret, and Next.js puts it into what every browser gets.',
          why: 'That is what the prefix NEXT_PUBLIC_ means.',
          cure: 'Take the prefix away and read it on the server; change the secret.',
        }),
      );
    }
    return found;
  });
}

function needFindings({ values }: EnvDocument, { needs }: Surroundings): Finding[] {
  return (needs ?? [])
    .filter(({ key }) => !values.has(key))
    .map(({ key, required }) => ({
      id: 'env-missing-key',
      severity: required ? 'blocker' : 'warning',
      object: key,
      message: 'The compose file uses it, and the .env does not set it.',
      why: required
        ? 'Nothing starts without it.'
        : 'Unless the shell sets it, it becomes an empty text.',
      cure: `portsync env set ${key}`,
    }));
}
