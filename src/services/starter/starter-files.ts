import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Next.js app to begin with: texts by path. It comes with the bundle, or from the sources. */
export async function starterFiles(): Promise<ReadonlyMap<string, string>> {
  if (import.meta.url.endsWith('.ts')) {
    return readTree(fileURLToPath(new URL('../../../starter', import.meta.url)));
  }
  const packed = await readFile(new URL('./starter.json', import.meta.url), 'utf8');
  return new Map(Object.entries(JSON.parse(packed) as Record<string, string>));
}

const LEFT_OUT = new Set(['node_modules', '.next', '.env']);

/** What was built or installed there is left out. */
export async function readTree(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const visit = async (dir: string): Promise<void> => {
    const entries = await readdir(dir, { withFileTypes: true });
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (LEFT_OUT.has(entry.name)) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) await visit(path);
      else files.set(relative(root, path), await readFile(path, 'utf8'));
    }
  };
  await visit(root);
  return files;
}
