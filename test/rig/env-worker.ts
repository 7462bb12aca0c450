/** node env-worker.mjs DIR KEY COUNT: sets KEY to 1, 2, … in DIR's .env; for ever when COUNT is 0. */
import { setVariable } from '../../src/services/env/operations.ts';
import { EnvStore } from '../../src/services/env/store.ts';

const [dir = '', key = '', count = '0'] = process.argv.slice(2);
const store = new EnvStore(dir);
const { signal } = new AbortController();
console.log('ready');
for (let number = 1; number <= (Number(count) || Number.POSITIVE_INFINITY); number += 1) {
  await setVariable(store, key, String(number), signal);
}
