import { startLab } from './lab.ts';

// A process that holds a lab, as the dashboard does: to be killed by a test.
const { info } = await startLab();
process.stdout.write(`${JSON.stringify(info)}\n`);
setInterval(() => {}, 60_000);
