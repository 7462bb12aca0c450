import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Caller, describeHttpInterface } from '../rig/http-interface.ts';
import { startLab, type TestLab } from '../rig/lab.ts';

let lab: TestLab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.stop());

describeHttpInterface('the lab’s app', () => lab.info.app);

describe('the replicas', () => {
  it('keep nothing of their own: a token that one gave is good at every other', async () => {
    const someone = await new Caller(lab.info.app).signUp();
    const seen = new Set<string | null>();
    for (let turn = 0; turn < 9; turn += 1) {
      const { status, headers } = await someone.send('GET', '/api/notes');
      expect(status).toBe(200);
      seen.add(headers.get('x-portsync-replica'));
    }
    expect([...seen].sort()).toEqual(['web-blue.1', 'web-blue.2', 'web-blue.3']);
  });
});
