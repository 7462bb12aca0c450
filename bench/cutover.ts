import { parseArgs } from 'node:util';
import { openDocker } from './cutover/docker.ts';
import { openLabs } from './cutover/lab.ts';
import type { Round } from './cutover/round.ts';
import { median, quantile, type Row, report } from './report.ts';

// How long requests wait while the database under them is exchanged, there and back: in the lab, with
// writers straight on the database as well, or (--docker) of the starter app behind HAProxy.
// `npm run bench:cutover -- postgres [--docker] [--rounds N] [--rate REQUESTS/S]`. No peer moves an app.

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    docker: { type: 'boolean' },
    rounds: { type: 'string' },
    rate: { type: 'string' },
  },
  allowPositionals: true,
});
const ROUNDS = Number(values.rounds ?? (values.quick ? 3 : 20));
const PER_SECOND = Number(values.rate ?? 500);

const place = await (values.docker ? openDocker(PER_SECOND) : openLabs(PER_SECOND));
const rounds: Round[] = [];
for (let number = 1; number <= ROUNDS; number += 1) {
  const round = await place.round(number);
  rounds.push(round);
  const { forward, back, failed, failedBy, sent, wrong } = round;
  console.log(
    `${number}: held ${forward.heldMs} ms there (${forward.heldRequests} waited), ${back.heldMs} ms back, ` +
      `${failed} of ${sent} failed, ${wrong.length} writes wrong`,
  );
  for (const [reason, count] of Object.entries(failedBy)) console.log(`   ${count} × ${reason}`);
  for (const each of wrong) console.log(`   ${each}`);
}
await place.close();
report([...rowsOf('forward'), ...rowsOf('back'), ...totals()], [], values.json ?? false);

function rowsOf(way: 'forward' | 'back'): Row[] {
  const held = rounds.map((round) => round[way].heldMs);
  const plain = { peer: null, peerName: null };
  return [
    {
      metric: `pause ${way}, p50 of ${ROUNDS}`,
      unit: 'ms',
      portsync: median(held),
      ...plain,
      goal: { atMost: 500, of: 'value' },
    },
    {
      metric: `pause ${way}, longest`,
      unit: 'ms',
      portsync: quantile(held, 1),
      ...plain,
      goal: { atMost: 1000, of: 'value' },
    },
  ];
}

function totals(): Row[] {
  const sum = (of: (round: Round) => number) =>
    rounds.map(of).reduce((total, each) => total + each, 0);
  const row = (metric: string, portsync: number): Row => ({
    metric,
    unit: '',
    portsync,
    peer: null,
    peerName: null,
    goal: { atMost: 0, of: 'value' },
  });
  return [
    row(
      `requests failed of ${sum(({ sent }) => sent)}`,
      sum(({ failed }) => failed),
    ),
    row(
      'writes lost or doubled',
      sum(({ wrong }) => wrong.length),
    ),
  ];
}
