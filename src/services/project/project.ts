import { access, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { UsageError } from '../../errors.ts';
import { parseSettings, type Settings } from './settings.ts';

export interface Project {
  name: string;
  dir: string;
  settings: Settings;
}

const SIGNS = ['portsync.yaml', 'docker-compose.yml', 'compose.yaml', '.portsync', '.env'];

/** The project in `dir`, or null where there is none. */
export async function findProject(dir: string): Promise<Project | null> {
  const path = resolve(dir);
  const signs = await Promise.all(SIGNS.map((sign) => exists(join(path, sign))));
  if (!signs.includes(true)) return null;
  const file = join(path, 'portsync.yaml');
  const text = await readOptional(file);
  const settings = text === null ? {} : parseSettings(text, file);
  return { name: settings.app ?? (basename(path) || 'app'), dir: path, settings };
}

/** @throws UsageError where `dir` holds no project. */
export async function openProject(dir: string): Promise<Project> {
  const project = await findProject(dir);
  if (project) return project;
  throw new UsageError({
    code: 'no-project',
    message: `There is no project in ${resolve(dir)}.`,
    why: `None of ${SIGNS.slice(0, 3).join(', ')} or .env is there.`,
    next: 'Change into the project directory, or name it with --project DIR.',
  });
}

/** DATABASE_URL of the project's .env, which holds a password; null when it is not set. */
export async function databaseUrl(project: Project): Promise<string | null> {
  const text = await readOptional(join(project.dir, '.env'));
  return (text !== null && parse(text).DATABASE_URL) || null;
}

async function readOptional(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError({
      code: 'file-unreadable',
      message: `${file} cannot be read.`,
      why: (error as Error).message,
      next: 'Run PortSync as the user who owns the project directory.',
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
