import { relative } from 'node:path';
import type { InitPlan } from '../services/starter/init-plan.ts';
import { planLines } from '../services/starter/plan-lines.ts';
import { oneLine } from './output.ts';

/** What will be written, for a person. */
export function initText(plan: InitPlan): string {
  const { dir, adoption } = plan;
  const refused = adoption !== null && adoption.text === null;
  const head = refused
    ? `${relative(dir, adoption.file)} cannot be adopted as it is. Nothing was changed.`
    : dir;
  // Lines of the compose file keep their indentation.
  const lines = planLines(plan).map(
    ({ sign, text }) => `  ${sign} ${sign === ' ' ? text : oneLine(text)}`,
  );
  return [head, ...lines].join('\n');
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
