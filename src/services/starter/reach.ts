import { addressOfService } from '../docker/reach.ts';
import { findProject, type Project } from '../project/project.ts';
import { openStage } from './stage.ts';

/**
 * A database's URL as this machine reaches it. The app calls its database by the name of a service,
 * which only containers know, and nothing of it is published: from here it has the address of its
 * container, another one after each start. Every other URL stays as it is.
 */
export async function reachableUrl(
  project: Project,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const host = serviceIn(url);
  if (host === null) return url;
  const stage = await openStage(project);
  if (!stage) return url;
  try {
    if (!(await stage.compose()).services[host]) return url;
    const service = { app: stage.app, dir: project.dir, service: host };
    const address = await addressOfService(stage.api.engine, service, signal);
    return address === null ? url : withHost(url, address);
  } finally {
    stage.close();
  }
}

/** The same for whoever knows the directory only. */
export async function reachableFrom(
  projectDir: string,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const project = await findProject(projectDir);
  return project ? reachableUrl(project, url, signal) : url;
}

/** A host without a dot that is not this machine: the name of a service, it may be. */
function serviceIn(url: string): string | null {
  const host = /^[a-z+]+:\/\/(?:[^@/]*@)?([A-Za-z0-9_-]+)(?::\d+)?(?:[/?]|$)/.exec(url)?.[1];
  return host === undefined || host === 'localhost' || /^\d+$/.test(host) ? null : host;
}

function withHost(url: string, address: string): string {
  return url.replace(/^([a-z+]+:\/\/(?:[^@/]*@)?)[A-Za-z0-9_-]+/, `$1${address}`);
}
