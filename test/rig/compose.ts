import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { debianFiles } from './images/tree.ts';

const PLUGIN = './usr/libexec/docker/cli-plugins/docker-compose';

/** Puts `docker compose` into `dir`, for a docker command whose DOCKER_CONFIG that is. */
export async function addCompose(dir: string): Promise<void> {
  const plugins = join(dir, 'cli-plugins');
  await mkdir(plugins, { recursive: true });
  const strip = `--strip-components=${PLUGIN.split('/').length - 1}`;
  await execa('tar', ['-xf', await debianFiles([basename(PLUGIN)]), '-C', plugins, strip, PLUGIN]);
}
