import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };

const program = new Command('portsync').version(packageJson.version);
if (process.argv[2] === 'complete') {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program);
}
await program.parseAsync();
