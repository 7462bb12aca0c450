import { lookAt } from '../../services/migration/look.ts';
import { placesOf } from '../../services/migration/places.ts';
import { type CommonOptions, print, printResult, projectDir, runCommand } from '../output.ts';
import { resultOf } from './result.ts';
import { statusLines } from './text.ts';

/** `portsync migrate status`: from the project's files alone, whether or not anybody works on it. */
export function status(options: CommonOptions): Promise<void> {
  return runCommand(options, async () => {
    const migration = await lookAt(placesOf(projectDir(options)));
    if (options.json) printResult({ event: 'result', ok: true, ...resultOf(migration) });
    else print(migration ? statusLines(migration).join('\n') : NONE);
    return undefined;
  });
}

const NONE = 'No migration was begun in this project. Begin one with: portsync migrate TARGET';
