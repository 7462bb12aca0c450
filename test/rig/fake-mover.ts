import type { CopyProgress, Proof, Side } from '../../src/model/migration.ts';
import type { Following, Freeze, Mover } from '../../src/ports/mover.ts';
import type { Session, World } from './migration-world.ts';

const other = (side: Side): Side => (side === 'source' ? 'target' : 'source');

/**
 * A mover over two maps that keeps to the port's contract and holds its caller to it: what is called
 * out of order throws. Every call passes `session.call`, where tests let it fail, hang or be the last.
 */
export function fakeMover(world: World, session: Session): Mover {
  const call = session.call;
  return {
    kind: 'postgres',
    preflight: () => call('preflight', () => world.preflight),
    copy: (report) =>
      call('copy', () => {
        report(progressOf(world));
        if (world.copied) return;
        world.target = new Map(world.source);
        world.keeps.source = world.log.source.length;
        world.copied = true;
      }),
    follow: (from, report, signal) =>
      call(`follow ${from}`, () => follow(world, session, from, report, signal)),
    acceptStructure: (from) => call(`acceptStructure ${from}`, () => {}),
    keepChanges: (side) =>
      call(`keepChanges ${side}`, () => {
        must(world.quiet(side), `keepChanges(${side}) while somebody may write there`);
        world.keeps[side] = world.log[side].length;
      }),
    fence: (side) => call(`fence ${side}`, () => world.fence(side)),
    unfence: (side) => call(`unfence ${side}`, () => world.unfence(side)),
    freeze: (side, signal) => call(`freeze ${side}`, () => freeze(world, session, side, signal)),
    prove: (from) => call('prove', () => proofOf(world, from, 'full')),
    cleanup: ({ keepFence, dropCopy }) =>
      call('cleanup', () => {
        must(!session.following, 'cleanup while changes flow');
        world.keeps = { source: null, target: null };
        for (const side of ['source', 'target'] as const) {
          if (side !== keepFence) world.fenced[side] = false;
        }
        if (dropCopy) world.target.clear();
        world.copied = false;
      }),
    leftovers: () => call('leftovers', () => []),
    close: async () => {},
  };
}

function follow(
  world: World,
  session: Session,
  from: Side,
  report: (progress: ReturnType<typeof lag>) => void,
  signal: AbortSignal,
): Following {
  must(!session.following, 'two followings at once');
  must(world.keeps[from] !== null, `follow(${from}), which keeps no changes`);
  must(world.fenced[other(from)], `follow(${from}) while others may write at ${other(from)}`);
  session.following = true;
  let prepared = false;
  let stopped = false;
  let fail: (error: Error) => void = () => {};
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  ended.catch(() => {});
  session.breakFollowing = (error) => fail(error);
  const apply = () => {
    const position = world.keeps[from];
    if (session.dead || position === null) return;
    for (const [key, value] of world.log[from].slice(position)) world[other(from)].set(key, value);
    world.keeps[from] = world.log[from].length;
    report(lag());
  };
  const timer = setInterval(apply, 20);
  session.onDeath(() => clearInterval(timer));
  const stop = async () => {
    clearInterval(timer);
    if (!stopped) session.following = false;
    stopped = true;
    end();
  };
  signal.addEventListener('abort', stop, { once: true });
  const call = session.call;
  return {
    ended,
    caughtUp: () => call('caughtUp', apply),
    prepareProof: () =>
      call('prepareProof', () => {
        prepared = true;
        apply();
        return proofOf(world, from, 'full');
      }),
    quickProof: () =>
      call('quickProof', () => {
        must(prepared, 'quickProof before prepareProof');
        must(world.lockedBy?.side === from, 'quickProof while somebody may write');
        return proofOf(world, from, 'quick');
      }),
    stop,
  };
}

function freeze(world: World, session: Session, side: Side, signal: AbortSignal): Freeze {
  must(!world.lockedBy, 'frozen twice');
  must(!world.fenced[side], `freeze(${side}), where nobody can write`);
  world.lockedBy = { side, session };
  let over = false;
  // Whoever asked and gave up before it was there gets nothing, and nobody waits on.
  signal.addEventListener('abort', () => {
    if (!over && world.lockedBy?.session === session) world.unlock();
  });
  const call = session.call;
  return {
    carryCounters: () =>
      call('carryCounters', () => {
        must(!over, 'counters after the freeze');
        world.counters[other(side)] = world.counters[side];
      }),
    seal: () =>
      call('seal', () => {
        must(!over, 'sealed after its end');
        over = true;
        world.fenced[side] = true;
        world.unlock();
      }),
    thaw: () =>
      call('thaw', () => {
        over = true;
        if (world.lockedBy?.session === session) world.unlock();
      }),
  };
}

function proofOf(world: World, from: Side, kind: Proof['kind']): Proof {
  const [here, there] = [world[from], world[other(from)]];
  const same = [...here].every(([key, value]) => there.get(key) === value);
  const equal = same && here.size === there.size;
  const rows = { source: world.source.size, target: world.target.size };
  const object = { name: 'notes', rows, checksum: null, equal };
  return { equal, kind, at: new Date().toISOString(), objects: [object], differences: [] };
}

function progressOf(world: World): CopyProgress {
  const bytes = world.source.size;
  return { step: 'data', bytes, totalBytes: bytes, rows: bytes, objects: [] };
}

function lag() {
  return { lagMs: 10, behindBytes: 0, changes: 1, changesPerSecond: 1, waiting: null };
}

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(`Against the contract of Mover: ${what}`);
}
