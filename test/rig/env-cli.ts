/** `portsync env` alone, so that tests of it need not wait for everything else to be bundled. */
import { Command } from 'commander';
import { envCommand } from '../../src/commands/env.ts';
import { runProgram } from '../../src/commands/output.ts';

await runProgram(new Command('portsync').addCommand(envCommand()));
