import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditBank, BankWriter, openBank } from '../rig/bank.ts';
import { startLab, type TestLab } from '../rig/lab.ts';
import { MigrateCli } from '../rig/migrate-cli.ts';
import { NotesWriter } from '../rig/notes-writer.ts';

const ROUNDS = Number(process.env.PORTSYNC_ROUNDS ?? 1);
const NOTES_WRITERS = 4;
const BANK_WRITERS = 2;
// The machine may be busy: how long requests wait is no question here.
const DEADLINE = ['--deadline', '20000'];

let host: TestLab;
let cli: MigrateCli;
beforeAll(async () => {
  host = await startLab();
  cli = new MigrateCli(host.info.project);
  await openBank(host.info.database);
});
afterAll(() => host?.stop());

const someMs = (most: number) => sleep(Math.random() * most);

/** There at one moment, back at another, and everything removed: as if nothing had been. */
async function thereAndBack(): Promise<void> {
  const hold = Math.random() < 0.5;
  const begin = ['-', '--yes', ...DEADLINE, ...(hold ? ['--hold-cutover'] : [])];
  await cli.run(begin, host.info.target);
  if (hold) {
    await someMs(1_000);
    await cli.run(['cutover', '--yes']);
  }
  await cli.until(({ wayBack }) => wayBack.open, 'the way back is open');
  await someMs(1_500);
  expect(await cli.run(['back', '--yes'])).toMatchObject({
    state: 'returned',
    failedRequests: 0,
    proof: { equal: true, differences: [] },
  });
  await someMs(300);
  await cli.run(['abort', '--drop-copy', '--yes']);
}

describe('an app that is used all the time, while its database moves there and back', () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`fails no request and loses, doubles or invents no write (round ${round})`, async () => {
      const { app, database, target } = host.info;
      const users = await Promise.all(
        Array.from({ length: NOTES_WRITERS }, () => NotesWriter.start(app)),
      );
      const workers = Array.from({ length: BANK_WRITERS }, (_, n) =>
        new BankWriter(`round ${round}, worker ${n}`, [database, target]).start(),
      );
      try {
        await thereAndBack();
      } finally {
        await Promise.all([...users, ...workers].map((each) => each.stop()));
      }
      expect(users.flatMap(({ failures }) => failures)).toEqual([]);
      const wrong = await Promise.all([
        ...users.map((user) => user.check()),
        ...workers.map((worker) => worker.check(database)),
        auditBank(database),
      ]);
      expect(wrong.flat()).toEqual([]);
      for (const each of [...users, ...workers]) expect(each.acknowledged).toBeGreaterThan(20);
      const refusals = workers.flatMap((worker) => Object.keys(worker.refusals));
      expect(new Set(refusals)).toEqual(new Set(['25006']));
      expect(await cli.run(['cleanup', '--yes'])).toMatchObject({ removed: [] });
    }, 240_000);
  }
});
