import type { Listed } from './answers.ts';
import { eachOf } from './concurrent.ts';
import type { Engine } from './engine.ts';
import { factsOf } from './facts.ts';

const AT_ONCE = 8;

export interface Environment {
  /** As the dashboard names the container. */
  name: string;
  node: string;
  /** Holds secrets. */
  env: Map<string, string>;
}

/** What each running web container of a project was started with, by a swarm or by Compose. */
export async function webEnvironments(
  { api, node }: Engine,
  project: { name: string; dir: string },
  signal: AbortSignal,
): Promise<Environment[]> {
  const found: Environment[] = [];
  const web = (await api.list(signal)).filter((listed) => isWeb(listed, project));
  await eachOf(web, AT_ONCE, async ({ Id }) => {
    const seen = await api.inspect(Id, signal);
    const { name } = factsOf(seen, project.name).container;
    found.push({ name, node, env: environmentOf(seen.Config.Env ?? []) });
  });
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function isWeb({ State, Labels }: Listed, { name, dir }: { name: string; dir: string }): boolean {
  if (State !== 'running') return false;
  const label = (key: string) => Labels?.[key];
  const ofStack = label('com.docker.stack.namespace') === name;
  if (ofStack && label('portsync.colour') !== undefined) return true;
  const ofCompose =
    label('com.docker.compose.project.working_dir') === dir ||
    label('com.docker.compose.project') === name;
  return ofCompose && label('com.docker.compose.service') === 'web';
}

/** A variable without `=` is to be taken from the engine's own environment: it has no value here. */
function environmentOf(entries: readonly string[]): Map<string, string> {
  return new Map(
    entries.map((entry) => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
