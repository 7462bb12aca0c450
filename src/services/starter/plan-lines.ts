import { relative } from 'node:path';
import type { SetupLine } from '../../model/starter.ts';
import type { InitPlan } from './init-plan.ts';

const FILES_NAMED = 8;

/** What a plan of `planInit` will write, for people; never a value of the .env. */
export function planLines({ dir, files, env, adoption }: InitPlan): SetupLine[] {
  const remarks = adoption?.remarks ?? [];
  const of = (wanted: 'refused' | 'ignored', sign: SetupLine['sign']) =>
    remarks
      .filter(({ kind }) => kind === wanted)
      .map(({ at, why }): SetupLine => ({ sign, text: `${at}: ${why}` }));
  if (adoption && adoption.text === null) return of('refused', '✖');
  const more = files.length - FILES_NAMED;
  const name = adoption ? relative(dir, adoption.file) : '';
  const added = (adoption?.added ?? '').trimEnd();
  return [
    ...files.slice(0, FILES_NAMED).map(({ path }) => line('+', path)),
    ...(more > 0 ? [line('+', `and ${more} more`)] : []),
    ...(env.size > 0 ? [line('+', `.env: ${[...env.keys()].join(', ')}, with new secrets`)] : []),
    ...(added === ''
      ? []
      : [
          line('~', `${name}, which gets:`),
          ...added.split('\n').map((text) => line(' ', `  ${text}`)),
        ]),
    ...(writesNothing({ files, env, adoption }) ? [line(' ', 'Nothing to do: all is there.')] : []),
    ...of('ignored', '!'),
  ];
}

export function writesNothing({
  files,
  env,
  adoption,
}: Pick<InitPlan, 'files' | 'env' | 'adoption'>): boolean {
  return files.length === 0 && env.size === 0 && !adoption?.added;
}

function line(sign: SetupLine['sign'], text: string): SetupLine {
  return { sign, text };
}
