import { plural } from '../../components/format.ts';
import { UsageError } from '../../errors.ts';
import { nodeDisk } from '../../services/disk/node-disk.ts';
import { identityAt } from '../../services/env/identity.ts';
import { ageSeal, sealSettings } from '../../services/env/seal.ts';
import { writeSealSetting } from '../../services/env/seal-setting.ts';
import { EnvStore } from '../../services/env/store.ts';
import { type CommonOptions, note, print, printResult, projectDir, runCommand } from '../output.ts';

/** `portsync env encrypt`: versions at rest are encrypted with age, those that are there too. */
export function encrypt(options: CommonOptions & { identity: string }): Promise<void> {
  return runCommand(options, async (signal) => {
    const dir = projectDir(options);
    const now = await sealSettings(nodeDisk, dir);
    const { settings, fresh } = await identityAt(dir, options.identity);
    if (now && now.recipient !== settings.recipient) throw otherKey(now.identity);
    const set = () => writeSealSetting(nodeDisk, dir, settings);
    const converted = await new EnvStore(dir).convert(ageSeal(nodeDisk, settings), set, signal);
    const { recipient, identity } = settings;
    if (options.json) {
      printResult({ event: 'result', ok: true, recipient, identity, made: fresh, converted });
      return undefined;
    }
    print(`${plural(converted, 'version')} encrypted for ${recipient}. The key: ${identity}`);
    if (fresh) note('The key was made just now. Without it no version can be read: keep a copy.');
    note('The .env itself stays in the clear: the app reads it.');
    return undefined;
  });
}

/** `portsync env decrypt`: back to plain files. */
export function decrypt(options: CommonOptions): Promise<void> {
  return runCommand(options, async (signal) => {
    const dir = projectDir(options);
    const set = () => writeSealSetting(nodeDisk, dir, null);
    const encrypted = (await sealSettings(nodeDisk, dir)) !== null;
    const converted = encrypted ? await new EnvStore(dir).convert(null, set, signal) : 0;
    if (options.json) printResult({ event: 'result', ok: true, converted });
    else
      print(
        encrypted ? `${plural(converted, 'version')} decrypted.` : 'Versions are not encrypted.',
      );
    return undefined;
  });
}

function otherKey(identity: string): UsageError {
  return new UsageError({
    code: 'env-key-other',
    message: 'Versions are encrypted already, for another key. Nothing was changed.',
    why: `portsync.yaml names ${identity}.`,
    next: 'portsync env decrypt first, then encrypt with the new key.',
  });
}
