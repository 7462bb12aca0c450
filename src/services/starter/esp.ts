import { readFile } from 'node:fs/promises';
import { release } from 'node:os';

/**
 * Whether this machine's kernel can encrypt what goes between machines. Where it cannot, an encrypted
 * network drops it all without a word.
 */
export async function hasEsp(): Promise<boolean> {
  const dir = `/lib/modules/${release()}`;
  const lists = ['modules.builtin', 'modules.dep'].map((name) =>
    readFile(`${dir}/${name}`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(lists)).some((text) => /\/esp4\.ko/.test(text));
}
