import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Caller } from './http-interface.ts';
import { APP_IMAGE } from './images.ts';
import type { SwarmRig } from './swarm.ts';

/**
 * Sets an app with two replicas up on `rig`, and starts it.
 * @param rollout what is below `rollout:` in its portsync.yaml
 * @returns someone who signed up there
 */
export async function startShop(
  rig: SwarmRig,
  rollout: string,
  image = APP_IMAGE,
): Promise<Caller> {
  await mustRun(rig, 'init', rig.dir, '--app', 'shop', '--image', image, '--yes');
  const settings = `app: shop\nweb: { replicas: 2 }\nrollout: { ${rollout} }\n`;
  await writeFile(join(rig.dir, 'portsync.yaml'), settings);
  await mustRun(rig, 'up', '--yes');
  return new Caller(rig.url).signUp();
}

/** @throws what it said when it failed */
export async function mustRun(rig: SwarmRig, ...args: string[]) {
  const { code, stderr, stdout, result } = await rig.portsync(...args, '--json').ended;
  if (code !== 0)
    throw new Error(`portsync ${args[0]}: ${stderr}${stdout.trim().split('\n').at(-1)}`);
  return result;
}
