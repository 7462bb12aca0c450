import type { Span, Tone } from '../components/spans.ts';
import { pad } from '../components/text.ts';
import type { EnvChange } from '../model/env.ts';

const SIGNS: Record<EnvChange['change'], readonly [string, Tone]> = {
  added: ['+', 'good'],
  removed: ['-', 'bad'],
  changed: ['~', 'look'],
};

/** `~ JWT_SECRET changed •••• → ••••`, the key padded to `label`. */
export function changeSpans({ key, change, before, after }: EnvChange, label: number): Span[] {
  const values = [before, after].filter((value) => value !== null).join(' → ');
  return [SIGNS[change], ` ${pad(key, label)} `, [`${change} `, 'dim'], [values, 'dim']];
}
