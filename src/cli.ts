import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };

const program = new Command('portsync').version(packageJson.version);
await program.parseAsync();
