import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../src/errors.ts';
import { Journal } from '../../src/services/journal/journal.ts';
import { parseJob } from '../../src/services/journal/lines.ts';
import { type Ending, FakeDisk, Killed } from '../rig/fake-disk.ts';

const who = { author: 'maria', host: 'main', nameOf: () => 'maria' };
const intent = {
  kind: 'deploy',
  what: 'deploy: shop:2',
  owner: 'main 1 2 abc',
  plan: [
    { id: 'one', words: 'do one thing' },
    { id: 'two', words: 'do another' },
  ],
  facts: { from: 'blue', to: 'green' },
};

function journalOn(disk: FakeDisk): Journal {
  let now = Date.UTC(2026, 0, 1);
  return new Journal('/app', { disk, who, now: () => (now += 1000) });
}

const failed = () =>
  Promise.reject(new ExternalError({ code: 'x', message: 'No.', why: 'PASSWORD' }));

describe('the journal', () => {
  it('tells of a job what was asked, what was done, and what became of it', async () => {
    const disk = new FakeDisk('/app');
    const job = await journalOn(disk).begin(intent);
    await job.step('one', async () => {});
    await expect(job.step('two', failed)).rejects.toMatchObject({ code: 'x' });
    const [open] = await journalOn(disk).unfinished();
    expect(open).toMatchObject({
      ...intent,
      author: 'maria',
      outcome: null,
      operations: [
        { id: 'one', state: 'done' },
        { id: 'two', state: 'failed', problem: { code: 'x', message: 'No.' } },
      ],
    });
    expect(JSON.stringify(open)).not.toContain('PASSWORD');
    await job.end('undone');
    expect(await journalOn(disk).unfinished()).toEqual([]);
    const log = (await disk.read('/app/.portsync/audit.log'))?.toString() ?? '';
    expect(JSON.parse(log)).toMatchObject({
      who: 'maria',
      host: 'main',
      what: 'deploy: shop:2',
      outcome: 'undone',
    });
  });

  it('holds what was begun, wherever the power goes: an operation that ran is never missing', async () => {
    const endings: Ending[] = [
      'kill',
      'power, unsynced lost',
      'power, names kept',
      'power, data kept',
    ];
    for (const ending of endings) {
      for (let step = 1; ; step += 1) {
        const disk = new FakeDisk('/app');
        const ran: string[] = [];
        disk.before = (number) => {
          if (number === step) throw new Killed();
        };
        const died = await whole(journalOn(disk), ran).then(() => false, isKilled);
        const jobs = await journalOn(disk.after(ending)).jobs();
        const noted = jobs.flatMap(({ operations }) => operations.map(({ id }) => id));
        expect(noted).toEqual(expect.arrayContaining(ran));
        if (!died) break;
      }
    }
  });

  it('takes a line that was cut off for one that was never written', () => {
    const head = JSON.stringify({ line: 'job', at: 'x', author: 'a', host: 'h', ...intent });
    expect(parseJob('x', `${head}\n{"line":"opera`)).toMatchObject({
      operations: [],
      outcome: null,
    });
    expect(parseJob('x', head.slice(0, 40))).toBeNull();
  });

  it('keeps no more than a few hundred ended jobs, and every open one', async () => {
    const disk = new FakeDisk('/app');
    const journal = journalOn(disk);
    await journal.begin(intent);
    for (let count = 0; count < 250; count += 1) await (await journal.begin(intent)).end('done');
    const jobs = await journal.jobs();
    expect(jobs.length).toBeLessThan(220);
    expect(jobs.filter(({ outcome }) => outcome === null)).toHaveLength(1);
  });
});

async function whole(journal: Journal, ran: string[]): Promise<void> {
  const job = await journal.begin(intent);
  for (const id of ['one', 'two']) {
    await job.step(id, async () => {
      ran.push(id);
    });
  }
  await job.end('done');
}

function isKilled(error: unknown): true {
  if (error instanceof Killed) return true;
  throw error;
}
