/**
 * node rollout-worker.mjs DIR POINT KEY VALUE: sets KEY in DIR's .env and rolls it out, but stands still
 * for ever at POINT (`before switchTo`, `after stop`, …, a call of a port), and says so.
 */
import type { Edge } from '../../src/ports/edge.ts';
import type { Fleet } from '../../src/ports/fleet.ts';
import { parseBytes } from '../../src/services/env/document.ts';
import { setKey } from '../../src/services/env/edit.ts';
import { EnvStore } from '../../src/services/env/store.ts';
import { toBytes } from '../../src/services/env/text.ts';
import { mustOpenFleet } from '../../src/services/project/open-fleet.ts';
import { openProject } from '../../src/services/project/project.ts';
import { planChange, runChange } from '../../src/services/rollout/change.ts';
import { envWish } from '../../src/services/rollout/wishes.ts';

const [dir = '', point = '', key = '', value = ''] = process.argv.slice(2);
const { signal } = new AbortController();

function standStill(): Promise<never> {
  console.log('here');
  return new Promise(() => setInterval(() => {}, 1000));
}

/** `port`, whose call named by `point` is not made, or not answered. */
function pausing<Port extends Edge | Fleet>(port: Port): Port {
  return new Proxy(port, {
    get(target, name) {
      const call = Reflect.get(target, name);
      if (typeof call !== 'function') return call;
      return async (...args: unknown[]) => {
        if (started && point === `before ${String(name)}`) await standStill();
        const result = await call.apply(target, args);
        if (started && point === `after ${String(name)}`) await standStill();
        return result;
      };
    },
  });
}

let started = false;
const { edge, fleet, limits } = await mustOpenFleet(await openProject(dir));
const ground = { projectDir: dir, edge: pausing(edge), fleet: pausing(fleet), limits };
const before = await new EnvStore(dir).live();
const after = toBytes(setKey(parseBytes(before ?? Buffer.alloc(0)), key, value).text);
const planned = await planChange(ground, envWish(`set ${key}`, before, after), signal);
const report = () => {
  started = true;
};
await runChange(ground, planned, report, signal);
console.log('done');
