import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseUrl, findProject, openProject } from '../../src/services/project/project.ts';
import { parseSettings } from '../../src/services/project/settings.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portsync-project-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('a project directory', () => {
  it('is one as soon as it holds a compose file, a .env or a portsync.yaml', async () => {
    expect(await findProject(dir)).toBeNull();
    await expect(openProject(dir)).rejects.toThrow(/no project/);
    await writeFile(join(dir, '.env'), 'DATABASE_URL="postgres://a:b@h/d" # main\n');
    const project = await openProject(dir);
    expect(await databaseUrl(project)).toBe('postgres://a:b@h/d');
  });

  it('takes its name from portsync.yaml, else from the directory', async () => {
    await mkdir(join(dir, 'shop'));
    await writeFile(join(dir, 'shop', 'compose.yaml'), '');
    expect((await openProject(join(dir, 'shop'))).name).toBe('shop');
    await writeFile(join(dir, 'shop', 'portsync.yaml'), 'app: store\n');
    expect((await openProject(join(dir, 'shop'))).name).toBe('store');
  });
});

describe('portsync.yaml', () => {
  const problem = (text: string) => {
    try {
      parseSettings(text, 'portsync.yaml');
    } catch (error) {
      return (error as { why: string }).why;
    }
    return null;
  };

  it('names nodes by what ssh accepts', () => {
    const settings = parseSettings(
      'app: shop\nnodes:\n  - {name: fra-2, address: root@h:22}\n',
      'f',
    );
    expect(settings.nodes).toEqual([{ name: 'fra-2', address: 'root@h:22' }]);
    expect(parseSettings('', 'f')).toEqual({});
  });

  it('is refused with the place that is wrong', () => {
    expect(problem('app: [')).toMatch(/line 1/);
    expect(problem('nodes:\n  - {name: a}\n')).toMatch(/^nodes\.0\.address/);
    expect(problem('app: shop\ncolor: red\n')).toMatch(/color/);
    expect(problem('app: "../x"\n')).toMatch(/^app/);
    expect(problem('nodes: [{name: a, address: h}, {name: a, address: i}]')).toMatch(/“a”/);
    expect(problem('nodes: [{name: main, address: h}]')).toMatch(/“main”/);
  });
});
