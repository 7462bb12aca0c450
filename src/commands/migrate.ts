import { Command } from 'commander';

const TARGET = 'where it is to go: a connection string; “-”: standard input; left out: asked for';

/** `portsync migrate …`, with everything behind it loaded only when one of its commands runs. */
export function migrateCommand(): Command {
  const migrate = new Command('migrate')
    .description('move the live database to another server')
    .enablePositionalOptions();
  common(confirmed(migrate))
    .argument('[target]', `${TARGET}; without one, goes on with what was begun`)
    .option('--from <url>', 'move this database instead of the one that the .env names')
    .option('--deadline <ms>', 'most that requests wait before all goes back', '5000')
    .option('--hold-cutover', 'stop when it is in step, and wait for portsync migrate cutover')
    .option('--rehearse', 'all of it but the switch, then remove everything')
    .option('--proof <kind>', 'quick, or full: every row once more right before the pause', 'quick')
    .option('--accept-schema', 'go on: the change of structure was made at the other side as well')
    .option('--no-detach', 'work in this process, which must then live until the switch')
    .option('--dry-run', 'show what was found and the plan, and do nothing')
    .action(async (target, options) => (await import('./migrate/start.ts')).start(target, options));
  common(migrate.command('preflight').description('look at both servers, and change nothing'))
    .argument('[target]', TARGET)
    .option('--from <url>', 'instead of the database that the .env names')
    .action(async (target, options) =>
      (await import('./migrate/preflight.ts')).preflight(target, options),
    );
  common(migrate.command('status').description('how it stands')).action(async (options) =>
    (await import('./migrate/status.ts')).status(options),
  );
  common(confirmed(migrate.command('cutover').description('to the new database, now'))).action(
    async (options) => (await ask()).cutover(options),
  );
  common(migrate.command('verify').description('compare every row of both again')).action(
    async (options) => (await ask()).verify(options),
  );
  common(confirmed(migrate.command('back').description('to the old database again'))).action(
    async (options) => (await ask()).back(options),
  );
  common(confirmed(migrate.command('finish').description('stay, and let the other go'))).action(
    async (options) => (await ask()).finish(options),
  );
  common(confirmed(migrate.command('abort').description('give it up, before the switch')))
    .option('--drop-copy', 'remove the copied data at the target as well')
    .action(async (options) => (await ask()).abort(options));
  common(confirmed(migrate.command('cleanup').description('remove what a migration left')))
    .option('--lift-fence', 'let the old database be written again')
    .action(async (options) => (await import('./migrate/cleanup.ts')).cleanup(options));
  return migrate;
}

const ask = () => import('./migrate/ask.ts');

function common(command: Command): Command {
  return command
    .option('--project <dir>', 'the project directory (default: this one)')
    .option('--json', 'answer as JSON, for scripts');
}

function confirmed(command: Command): Command {
  return command.option('--yes', 'do not ask');
}
