import { copyAll } from './copying.ts';

// A copy in a process that a test can kill. Says when it begins, so that loading does not count.
process.stdout.write('begun\n');
await copyAll(JSON.parse(process.env.COPY ?? ''));
