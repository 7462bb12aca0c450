import { access, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { UsageError } from '../../errors.ts';
import type { DatabaseKind } from '../../model/database.ts';
import { parsed } from '../env/changes.ts';
import { EnvStore } from '../env/store.ts';
import type { Settings } from '../project/settings.ts';
import { type Adoption, adopt } from './adopt.ts';
import { missingEnv } from './fresh-env.ts';
import { composeName, stackName } from './names.ts';
import { findCompose } from './stage.ts';
import { starterFiles } from './starter-files.ts';
import { composeText } from './template.ts';

/** What somebody wants of a project that has no compose file yet, and what holds for every one. */
export interface InitChoices {
  /** Null: as the compose file says, or the directory. */
  app: string | null;
  /** Null: it is elsewhere, and DATABASE_URL says where. */
  database: DatabaseKind | null;
  /** Where the app comes from: an image, the Dockerfile that is there, or the starter. */
  source: { kind: 'image'; image: string } | { kind: 'dockerfile' } | { kind: 'starter' };
  /** The service that is the app, in a compose file that is there. */
  web: string | undefined;
  httpPort: number;
  httpsPort: number;
  certificate: string | null;
  domain: string | null;
}

export interface NewFile {
  /** Relative to the project directory. */
  path: string;
  text: string;
}

/** Everything `portsync init` will do; nothing was changed yet. */
export interface InitPlan {
  dir: string;
  /** Only files that are not there. */
  files: NewFile[];
  /** Keys that the .env lacks, with their secrets. */
  env: ReadonlyMap<string, string>;
  /** Of a compose file that is there. */
  adoption: (Adoption & { file: string; before: string }) | null;
}

export async function planInit(dir: string, choices: InitChoices): Promise<InitPlan> {
  const composeFile = await findCompose(dir);
  const adoption = composeFile === null ? null : await adoptFile(composeFile, choices);
  const app = stackName(choices.app ?? nameOf(dir, adoption));
  const wanted: NewFile[] = [
    ...(adoption ? [] : await projectFiles(dir, app, choices)),
    { path: 'portsync.yaml', text: settingsText(app, choices, adoption) },
  ];
  const files: NewFile[] = [];
  for (const file of wanted) if (!(await exists(join(dir, file.path)))) files.push(file);
  const given = parsed(await new EnvStore(dir).live()).values;
  const env = adoption ? new Map<string, string>() : missingEnv(choices.database, given);
  return { dir, files, env, adoption };
}

function nameOf(dir: string, adoption: Adoption | null): string {
  const directory = basename(dir) || 'app';
  return adoption ? (adoption.name ?? composeName(directory)) : directory;
}

async function adoptFile(file: string, choices: InitChoices): Promise<InitPlan['adoption']> {
  const before = await readFile(file, 'utf8');
  const { web, httpPort, httpsPort, certificate } = choices;
  const options = { web, httpPort, httpsPort: certificate === null ? null : httpsPort };
  return { file, before, ...adopt(before, basename(file), options) };
}

async function projectFiles(dir: string, app: string, choices: InitChoices): Promise<NewFile[]> {
  const { database, source, httpPort, httpsPort, certificate } = choices;
  if (source.kind === 'dockerfile' && !(await exists(join(dir, 'Dockerfile'))))
    throw noDockerfile(dir);
  const text = composeText({
    app,
    database,
    image: source.kind === 'image' ? source.image : null,
    httpPort,
    httpsPort: certificate === null ? null : httpsPort,
  });
  const starter = source.kind === 'starter' ? [...(await starterFiles())] : [];
  return [{ path: 'docker-compose.yml', text }, ...starter.map(([path, text]) => ({ path, text }))];
}

function settingsText(app: string, choices: InitChoices, adoption: Adoption | null): string {
  const { domain, certificate, httpPort, httpsPort } = choices;
  const roles = adoption?.roles;
  const edge = {
    ...(httpPort === 80 ? {} : { port: httpPort }),
    ...(certificate === null ? {} : { certificate }),
    ...(certificate === null || httpsPort === 443 ? {} : { httpsPort }),
    ...(domain === null ? {} : { domain }),
  };
  const services = {
    ...(roles?.web && roles.web !== 'web' ? { web: roles.web } : {}),
    ...(roles?.database && roles.database.service !== 'db'
      ? { database: roles.database.service }
      : {}),
  };
  const settings: Settings = {
    app,
    ...(Object.keys(services).length > 0 ? { services } : {}),
    ...(adoption ? { web: adoption.served } : {}),
    ...(Object.keys(edge).length > 0 ? { edge } : {}),
  };
  return `# Settings of PortSync, without secrets: docs/starter.md names them all.\n${stringify(settings)}`;
}

function noDockerfile(dir: string): UsageError {
  return new UsageError({
    code: 'no-dockerfile',
    message: `There is no Dockerfile in ${dir}.`,
    why: 'The app is to be built from one.',
    next: 'Write it, or name an image with --image, or begin with --starter.',
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
