import { Command } from 'commander';

const KEY = 'name of the variable';
const ID = 'version: the beginning of its id, “current” or “previous”';

/** `portsync env …`, with everything behind it loaded only when one of its commands runs. */
export function envCommand(): Command {
  const env = new Command('env').description('the .env: versions, changes, checks');

  add(env, 'list', 'every version, newest first')
    .option('--limit <count>', 'so many of the newest (0: all)', '30')
    .action(async (options) => (await look()).list(options));
  add(env, 'show', 'the keys of the file, or of a version')
    .argument('[id]', ID)
    .option('--raw', 'the text as it stands; with --reveal its exact bytes')
    .option('--reveal', 'show values')
    .action(async (id, options) => (await look()).show(id, options));
  add(env, 'diff', 'what changed: last, since a version, or between two')
    .argument('[from]', ID)
    .argument('[to]', `${ID} (default: the file now)`)
    .option('--lines', 'line by line')
    .option('--reveal', 'show values')
    .action(async (from, to, options) => (await look()).diff(from, to, options));

  changing(env, 'set', 'set a variable; the value comes from standard input or a prompt')
    .argument('<key>', KEY)
    .option('--value <value>', 'the value (stays in the shell’s history and is seen in ps)')
    .action(async (key, options) => (await change()).set(key, options));
  changing(env, 'unset', 'remove a variable')
    .argument('<key>', KEY)
    .action(async (key, options) => (await change()).unset(key, options));
  changing(env, 'restore', 'write an old version as a new one')
    .argument('<id>', ID)
    .option('--dry-run', 'show what would change')
    .action(async (id, options) => (await change()).restore(id, options));
  changing(env, 'edit', 'edit a private copy in $EDITOR, see the difference, then keep it').action(
    async (options) => (await change()).edit(options),
  );
  add(env, 'save', 'keep the file as it is now under a name; such versions are never pruned')
    .requiredOption('--reason <text>', 'the name')
    .action(async (options) => (await change()).save(options));
  add(env, 'prune', 'remove old versions; never the current nor a named one')
    .option('--keep <count>', 'so many of the newest stay', '100')
    .option('--days <days>', 'younger ones stay', '90')
    .option('--dry-run', 'show what would be removed')
    .option('--yes', 'do not ask')
    .action(async (options) => (await change()).prune(options));

  add(env, 'encrypt', 'encrypt the versions at rest, with age')
    .requiredOption('--identity <file>', 'the key, outside the project directory; made if missing')
    .action(async (options) => (await import('./env/encrypt.ts')).encrypt(options));
  add(env, 'decrypt', 'keep the versions in the clear again').action(async (options) =>
    (await import('./env/encrypt.ts')).decrypt(options),
  );

  add(
    env,
    'verify',
    'what could surprise: other readers, placeholders, missing keys, access',
  ).action(async (options) => (await check()).verify(options));
  add(env, 'drift', 'the file against what runs')
    .option('--against <file>', 'an environment as `env -0` prints it; “-”: standard input')
    .action(async (options) => (await check()).drift(options));
  return env;
}

const look = () => import('./env/look.ts');
const change = () => import('./env/change.ts');
const check = () => import('./env/check.ts');

function add(env: Command, name: string, description: string): Command {
  return env
    .command(name)
    .description(description)
    .option('--project <dir>', 'the project directory (default: this one)')
    .option('--json', 'answer as JSON, for scripts');
}

function changing(env: Command, name: string, description: string): Command {
  return add(env, name, description)
    .option('--no-deploy', 'write the file, and leave the running replicas as they are')
    .option('--yes', 'do not ask');
}
