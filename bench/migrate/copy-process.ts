import { copyAll } from '../../test/rig/copying.ts';

// One copy of a database, and what it cost this process, as one line of JSON.
await copyAll(JSON.parse(process.env.COPY ?? ''));
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cost = { cpuMs: (userCPUTime + systemCPUTime) / 1000, rssMb: maxRSS / 1024 };
process.stdout.write(JSON.stringify(cost));
