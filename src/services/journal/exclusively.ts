import { join } from 'node:path';
import { ExternalError, PortSyncError } from '../../errors.ts';
import type { Job } from '../../model/job.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { makeStateDir } from '../disk/state-dir.ts';
import { thisProcess } from '../lock/holder.ts';
import { keepFresh } from '../lock/keep-fresh.ts';
import { type Patience, withLock } from '../lock/lock.ts';
import { Journal } from './journal.ts';

const PATIENCE: Patience = { waitMs: 0, refusal: (who) => busy(who, null) };

/**
 * Runs `work` while no other PortSync changes what runs in this project. `owner` goes into the
 * journal of what it does.
 * @throws ExternalError `project-busy`, at once, naming what the other one does.
 */
export async function exclusively<T>(
  projectDir: string,
  signal: AbortSignal,
  work: (owner: string) => Promise<T>,
): Promise<T> {
  const dir = await makeStateDir(nodeDisk, projectDir, 'jobs');
  const path = join(dir, 'lock');
  try {
    const kept = (owner: string) => keepFresh(path, () => work(owner));
    return await withLock(nodeDisk, path, thisProcess, signal, kept, PATIENCE);
  } catch (error) {
    if (!(error instanceof PortSyncError) || error.code !== 'project-busy') throw error;
    const held = await nodeDisk.readLink(path);
    const jobs = await new Journal(projectDir).unfinished();
    const doing = jobs.find(({ owner }) => owner === held?.text) ?? null;
    throw doing ? busy(thisProcess.describe(doing.owner), doing) : error;
  }
}

function busy(who: string, doing: Job | null): ExternalError {
  const time = doing && `${doing.at.slice(11, 19)} UTC`;
  return new ExternalError({
    code: 'project-busy',
    message: doing
      ? `“${doing.what}” is under way. Nothing was changed.`
      : 'Another change is under way. Nothing was changed.',
    why: doing
      ? `${doing.author} began it at ${time}: ${who.replace(/^Process/, 'process')}.`
      : `${who} holds the project.`,
    next: 'Wait until it has ended, then run the command again.',
  });
}
