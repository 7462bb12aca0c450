import { relative } from 'node:path';
import type { InitPlan } from '../services/starter/init-plan.ts';
import { oneLine } from './output.ts';

/** What will be written, for a person. */
export function initText({ dir, files, env, adoption }: InitPlan): string {
  const remarks = adoption?.remarks ?? [];
  const refused = remarks.filter(({ kind }) => kind === 'refused');
  const ignored = remarks.filter(({ kind }) => kind === 'ignored');
  const name = adoption ? relative(dir, adoption.file) : '';
  if (refused.length > 0) {
    return [
      `${name} cannot be adopted as it is. Nothing was changed.`,
      ...refused.map(({ at, why }) => `  ✖ ${at}: ${oneLine(why)}`),
    ].join('\n');
  }
  const some = files.length > 8 ? [...files.slice(0, 8), null] : files;
  return [
    dir,
    ...some.map((file) => `  + ${file ? file.path : `and ${files.length - 8} more`}`),
    ...(env.size > 0 ? [`  + .env: ${[...env.keys()].join(', ')}, with new secrets`] : []),
    ...(adoption?.added
      ? [
          `  ~ ${name}, which gets:`,
          ...adoption.added
            .trimEnd()
            .split('\n')
            .map((line) => `      ${line}`),
        ]
      : []),
    ...(files.length + env.size === 0 && !adoption?.added
      ? ['  Nothing to do: all is there.']
      : []),
    ...ignored.map(({ at, why }) => `  ! ${at}: ${oneLine(why)}`),
  ].join('\n');
}

/** The same for scripts; never a value of the .env. */
export function planValue({ dir, files, env, adoption }: InitPlan) {
  return {
    dir,
    files: files.map(({ path }) => path),
    env: [...env.keys()],
    added: adoption?.added ?? null,
    remarks: adoption?.remarks ?? [],
    roles: adoption?.roles ?? null,
  };
}
