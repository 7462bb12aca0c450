/** freezing.ts URL: stops writes there and holds them until it is killed; says when. */
import { freezeWrites } from '../../src/services/postgres/cutover/freeze.ts';

await freezeWrites(process.argv[2] ?? '', { reason: 'moved' }, AbortSignal.timeout(60_000));
console.log('frozen');
setInterval(() => {}, 60_000);
