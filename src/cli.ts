import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { envCommand } from './commands/env.ts';
import { migrateCommand } from './commands/migrate.ts';
import { runProgram } from './commands/output.ts';

const PROJECT = ['--project <dir>', 'the project directory (default: this one)'] as const;
const JSON_OPTION = ['--json', 'answer as JSON, for scripts'] as const;

const program = new Command('portsync')
  .description(packageJson.description)
  .version(packageJson.version)
  // `migrate` and its subcommands have options of the same names.
  .enablePositionalOptions()
  .showHelpAfterError('Add --help to see what it takes.');

program
  .command('tui', { isDefault: true })
  .description('the full-screen dashboard')
  .option(...PROJECT)
  .option('--host <address>', 'watch a machine over SSH instead of a project')
  .option('--read-only', 'look, and change nothing')
  .action(async (options) => (await import('./commands/tui.ts')).tui(options));

program
  .command('status')
  .description('what the dashboard shows, once')
  .option(...PROJECT)
  .option(...JSON_OPTION)
  .action(async (options) => (await import('./commands/status.ts')).status(options));

program
  .command('lab')
  .description('try everything with real databases; nothing is kept')
  .option('--headless', 'no dashboard: one line of JSON when it is ready')
  .option('--dir <dir>', 'keep it here, and start it again another time')
  .option('--db <kind>', 'postgres or mongo', 'postgres')
  .option('--traffic <rate>', 'requests per second; 0 for none')
  .option('--replicas <count>', 'web replicas')
  .option('--yes', 'fetch the database binaries without asking')
  .action(async (options) => {
    const { lab } = await import('./commands/lab.ts');
    const { openDashboard } = await import('./commands/tui.ts');
    await lab(options, openDashboard);
  });

program
  .command('init')
  .description('write what portsync up needs, or add it to the compose file that is there')
  .argument('[dir]', 'the project directory (default: this one)')
  .option('--app <name>', 'what everything of it is called (default: the directory’s name)')
  .option('--db <kind>', 'postgres, mongo, or none when it is elsewhere', 'postgres')
  .option('--image <image>', 'the app, from a registry')
  .option('--dockerfile', 'the app, built from the Dockerfile that is there')
  .option('--starter', 'begin with PortSync’s own Next.js app')
  .option('--web <service>', 'which service of the compose file is the app')
  .option('--port <port>', 'where users come (default: 80)')
  .option('--certificate <file>', 'serve HTTPS with this PEM file: certificate, chain and key')
  .option('--https-port <port>', 'default: 443')
  .option('--domain <name>', 'how users call it')
  .option(...PROJECT)
  .option(...JSON_OPTION)
  .option('--yes', 'do not ask')
  .option('--dry-run', 'show what would be written, and write nothing')
  .action(async (dir, options) => (await import('./commands/init.ts')).init(dir, options));

changing('up', 'start the app, its database and the load balancer, sized for this machine')
  .option('--build', 'build the app’s image anew')
  .action(async (options) => (await import('./commands/up.ts')).up(options));

changing('down', 'end what up started; its data stays')
  .option('--remove-volume <name>', 'this volume too, and all that is in it, for good')
  .action(async (options) => (await import('./commands/down.ts')).down(options));

const edge = program.command('edge').description('the load balancer');

edge
  .command('status')
  .description('what it sees now: requests, errors, times, each replica')
  .option(...PROJECT)
  .option(...JSON_OPTION)
  .action(async (options) => (await import('./commands/edge.ts')).edgeStatus(options));

edge
  .command('reload')
  .description('let it read its files again; no request is lost')
  .option(...PROJECT)
  .option(...JSON_OPTION)
  .action(async (options) => (await import('./commands/edge.ts')).edgeReload(options));

changing('deploy', 'new replicas with the .env as it is, and with another image where one is named')
  .argument('[image]', 'default: the one that runs now')
  .option('--replicas <count>', 'so many (default: as many as serve now)')
  .option('--watch <seconds>', 'keep the old replicas running for so long after the switch')
  .action(async (image, options) => (await import('./commands/deploy.ts')).deploy(image, options));

changing('rollback', 'back to the replicas that the last rollout stopped').action(async (options) =>
  (await import('./commands/rollback.ts')).rollback(options),
);

program
  .command('recover')
  .description('finish or undo what a command that was killed left half done')
  .option(...PROJECT)
  .option(...JSON_OPTION)
  .action(async (options) => (await import('./commands/recover.ts')).recover(options));

program.addCommand(envCommand());
program.addCommand(migrateCommand());

/** A command that shows its plan and asks before it does anything. */
function changing(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option(...PROJECT)
    .option(...JSON_OPTION)
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show the plan, and do nothing');
}

void start();

async function start(): Promise<void> {
  if (process.argv[2] === 'complete') {
    const { default: tab } = await import('@bomb.sh/tab/commander');
    tab(program);
  }
  await runProgram(program);
}
