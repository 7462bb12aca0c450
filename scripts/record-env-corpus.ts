/**
 * Records what the real tools read from generated .env files, for test/unit/env-readers.test.ts.
 *
 *   npx tsx scripts/record-env-corpus.ts --docker PATH --compose PATH --host unix://SOCKET [--count N]
 *
 * The engine must be a swarm manager that nothing else uses: containers and services are created in
 * it, never started, and removed again. No image registry is asked.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { corpusTexts, type EnvCase } from '../test/rig/env-corpus.ts';

const { values: options } = parseArgs({
  options: {
    docker: { type: 'string', default: 'docker' },
    compose: { type: 'string', default: 'docker-compose' },
    host: { type: 'string' },
    count: { type: 'string', default: '2000' },
    out: { type: 'string', default: 'test/rig/env-corpus.json' },
  },
});
const IMAGE = 'portsync-env-corpus';
const BATCH = 100;
const dir = await mkdtemp(join(tmpdir(), 'portsync-corpus-'));

/** The tools see no variable but these, so that a name alone means “not set”. */
const tool = { cwd: dir, extendEnv: false, env: { PATH: process.env.PATH ?? '', HOME: dir } };
const docker = (...args: string[]) =>
  execa(options.docker, ['--host', options.host ?? '', ...args], { ...tool, reject: false });

async function compose(): Promise<EnvCase['compose']> {
  const yaml = 'services: {s: {image: x, env_file: [case.env]}}\n';
  await writeFile(join(dir, 'compose.yaml'), yaml);
  const args = ['-f', 'compose.yaml', 'config', '--format', 'json'];
  const { exitCode, stdout } = await execa(options.compose, args, { ...tool, reject: false });
  if (exitCode !== 0) return null;
  const found: Record<string, string | null> = JSON.parse(stdout).services.s.environment ?? {};
  // `config` doubles each dollar sign, so that its output can be read again.
  return Object.fromEntries(
    Object.entries(found).map(([key, value]) => [key, (value ?? '').replaceAll('$$', '$')]),
  );
}

async function run(name: string): Promise<EnvCase['run']> {
  const made = await docker('create', '--name', name, '--env-file', 'case.env', IMAGE, '/none');
  if (made.exitCode !== 0) return refused(made.stderr)[0];
  const { stdout } = await docker('inspect', '--format', '{{json .Config.Env}}', name);
  await docker('rm', name);
  return pairs(JSON.parse(stdout));
}

let stacks = 0;

/** Deploys them all at once, and each by itself where that fails: one refused file spoils the rest. */
async function stack(texts: string[]): Promise<Array<EnvCase['stack']>> {
  const name = `c${stacks++}`;
  const lines = ['version: "3.8"', 'services:'];
  for (const [index, text] of texts.entries()) {
    await writeFile(join(dir, `${index}.env`), text);
    const service = `{image: ${IMAGE}, env_file: [${index}.env], deploy: {replicas: 0}}`;
    lines.push(`  s${index}: ${service}`);
  }
  await writeFile(join(dir, 'stack.yaml'), lines.join('\n'));
  const file = ['--resolve-image=never', '-c', 'stack.yaml'];
  const deployed = await docker('stack', 'deploy', ...file, name);
  const found = deployed.exitCode === 0 ? await environments(name, texts.length) : null;
  await docker('stack', 'rm', name);
  if (found) return found;
  if (texts.length === 1) return refused(deployed.stderr);
  const singly: Array<EnvCase['stack']> = [];
  for (const text of texts) singly.push(...(await stack([text])));
  return singly;
}

async function environments(stackName: string, count: number): Promise<Array<EnvCase['stack']>> {
  const names = Array.from({ length: count }, (_, index) => `${stackName}_s${index}`);
  const format = '{{json .Spec.TaskTemplate.ContainerSpec.Env}}';
  const { stdout } = await docker('service', 'inspect', '--format', format, ...names);
  return stdout.split('\n').map((line) => pairs(JSON.parse(line)));
}

/** Only what is said of the file is a refusal; an engine in trouble must not be recorded. */
function refused(stderr: string): [null] {
  if (/env file|environment|token too long|expanding env/.test(stderr)) return [null];
  throw new Error(`docker: ${stderr}`);
}

function pairs(list: readonly string[] | null): Record<string, string> {
  const cut = (line: string) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)];
  return Object.fromEntries((list ?? []).map(cut));
}

const empty = Buffer.alloc(1024);
await execa(options.docker, ['--host', options.host ?? '', 'import', '-', IMAGE], { input: empty });
const cases: EnvCase[] = [];
for (const [index, text] of corpusTexts(Number(options.count)).entries()) {
  await writeFile(join(dir, 'case.env'), text);
  cases.push({ text, compose: await compose(), run: await run(`case-${index}`), stack: null });
  if (index % 100 === 99) console.error(`${index + 1} files`);
}
const accepted = cases.filter((each) => each.run !== null);
for (let at = 0; at < accepted.length; at += BATCH) {
  const batch = accepted.slice(at, at + BATCH);
  const found = await stack(batch.map((each) => each.text));
  for (const [index, each] of batch.entries()) each.stack = found[index] ?? null;
}
for (const each of cases) if (each.run === null) each.stack = (await stack([each.text]))[0] ?? null;
await docker('rmi', IMAGE);
await rm(dir, { recursive: true });
await writeFile(options.out, `[\n${cases.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`);
