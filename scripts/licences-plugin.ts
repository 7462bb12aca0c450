import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Writes the licence of every package that went into the bundle to `file`, and `others`, files with
 * those of what such a package carries from elsewhere.
 */
export function licences(file: string, others: readonly string[]): Plugin {
  return {
    name: 'licences',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(async ({ metafile }) => {
        const folders = new Set(Object.keys(metafile?.inputs ?? {}).flatMap(packageFolder));
        const texts = await Promise.all([
          ...[...folders].sort().map(licenceOf),
          ...others.map(async (other) => (await readFile(other, 'utf8')).trim()),
        ]);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, `${[...new Set(texts)].join(`\n\n${'-'.repeat(78)}\n\n`)}\n`);
      });
    },
  };
}

function packageFolder(input: string): string[] {
  const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
  return match ? [match[0]] : [];
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? (await readFile(join(folder, file), 'utf8')).trim() : '';
  return `${name} ${version} (${license ?? 'no licence field'})\n\n${text}`;
}
