import { connectionStringIn, maskUrl } from '../model/mask-url.ts';
import type { Problem } from '../model/problem.ts';
import { graphemes } from './graphemes.ts';
import type { Overlay } from './state.ts';
import { type Field, insert, SecretField } from './text-field.ts';

export const emptyTarget = new SecretField('');

export type TargetBox = Extract<Overlay, { name: 'target' }>;

export function targetBox(field: Field, problem: Problem | null = null): TargetBox {
  const secret = field instanceof SecretField ? field : new SecretField(field.text, field.cursor);
  return { name: 'target', field: secret, problem };
}

/** A whole connection string takes the place of what is there; a piece of one is put in. */
export function pastedTarget(field: Field, pasted: string): Field {
  const text = connectionStringIn(pasted);
  return insert(/^\w[\w+]*:\/\//.test(text) ? emptyTarget : field, text);
}

/** As it may be shown, with the cursor where it is. */
export function maskedField({ text, cursor }: Field): Field {
  const before = graphemes(text).slice(0, cursor).join('');
  const shown = maskUrl(text, before.length);
  return { text: shown.text, cursor: graphemes(shown.text.slice(0, shown.at)).length };
}
