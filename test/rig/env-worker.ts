/**
 * node env-worker.mjs DIR KEY COUNT: sets KEY to 1, 2, … COUNT in DIR's .env, and says when. With COUNT 0
 * it goes on for ever, with values that no other process writes.
 */
import { setVariable } from '../../src/services/env/operations.ts';
import { EnvStore } from '../../src/services/env/store.ts';

const [dir = '', key = '', count = '0'] = process.argv.slice(2);
const store = new EnvStore(dir);
const { signal } = new AbortController();
console.log('ready');
for (let number = 1; number <= (Number(count) || Number.POSITIVE_INFINITY); number += 1) {
  const value = count === '0' ? `${process.pid}.${number}` : String(number);
  await setVariable(store, key, value, signal);
  console.log(number);
}
