import { HaproxyEdge } from '../../src/services/edge/haproxy.ts';
import { openLocal } from '../../src/services/executor/local.ts';

/** Holds the requests of the edge in the directory it is told, says so, and lives on. */
const dir = process.argv[2] ?? '';
const edge = new HaproxyEdge({ machine: openLocal(), dir, dirInside: dir });
await edge.hold(3000, AbortSignal.timeout(5000));
process.stdout.write('held\n');
setInterval(() => {}, 1000);
