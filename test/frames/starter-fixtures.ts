import type { SetupPlan, StackPlan } from '../../src/model/starter.ts';
import type { State } from '../../src/state/state.ts';
import { beginning, having, NOW, pressed, working } from './fixtures.ts';

interface Size {
  columns: number;
  rows: number;
}

export const adopted: SetupPlan = {
  dir: '/srv/shop',
  outcome: 'write',
  lines: [
    { sign: '+', text: 'portsync.yaml' },
    { sign: '~', text: 'compose.yaml, which gets:' },
    ...[
      'edge:',
      '  image: haproxy:3.2',
      '  ports:',
      '    - target: 80',
      '      published: 80',
      '      mode: host',
      '  volumes:',
      '    - ./.portsync/edge:/etc/portsync',
      '  deploy:',
      '    endpoint_mode: dnsrr',
      '    resources:',
      '      limits:',
      '        memory: 128M',
      '  depends_on:',
      '    - frontend',
    ].map((text) => ({ sign: ' ', text: `    ${text}` }) as const),
    {
      sign: '!',
      text: 'services.frontend.container_name: replicas get names of their own',
    },
  ],
};

const refused: SetupPlan = {
  dir: '/srv/shop',
  outcome: 'refused',
  lines: [
    {
      sign: '✖',
      text: 'services.web.network_mode: a replica needs a network of the stack, so that the load balancer finds it',
    },
  ],
};

const up: StackPlan = {
  app: 'shop',
  address: 'http://localhost',
  volumes: ['shop_db'],
  steps: [
    {
      id: 'swarm',
      words: 'make a Docker swarm of this machine alone, reachable by nobody else',
    },
    { id: 'edge-files', words: 'write the load balancer’s settings' },
    { id: 'image', words: 'build shop:20261123-114002' },
    { id: 'services', words: 'start db, at most 1.0G; start edge, at most 128M' },
    { id: 'ready', words: 'wait until each of them runs and is healthy' },
    { id: 'web', words: 'start 2 web replicas of shop:20261123-114002, at most 670M each' },
  ],
};

export const down: StackPlan = {
  ...up,
  steps: [
    { id: 'services', words: 'end shop_db, shop_edge, shop_web-blue, shop_web-green' },
    { id: 'networks', words: 'remove shop_default' },
  ],
};

const menu = (size: Size) => beginning({ ...size, project: null });
const form = (size: Size) => pressed(menu(size), 'enter');

function planned(state: State, answer: SetupPlan): State {
  const asked = pressed(state, 's');
  return having(asked, { type: 'setup-planned', look: asked.setup.look, answer });
}

function stack(size: Size, key: 'u' | 'D', answer: StackPlan): State {
  const asked = pressed(working(size), key);
  return having(asked, { type: 'stack-planned', look: asked.stack.look, answer });
}

const did = (id: string, ms: number) =>
  ({ type: 'stack-news', news: { id, state: 'done', ms } }) as const;

function running(size: Size): State {
  const begun = having(stack(size, 'u', up), { type: 'stack-began' });
  return having(
    begun,
    did('swarm', 900),
    did('edge-files', 40),
    { type: 'stack-news', news: { id: 'image', state: 'doing', ms: 0 } },
    { type: 'stack-news', news: { line: 'Step 7/14 : RUN npm ci' } },
    { type: 'tick', now: NOW + 38_000 },
  );
}

const gone = {
  code: 'replica-not-healthy',
  message: 'web-blue.1 did not get healthy.',
  why: 'Error: SESSION_SECRET is not set',
  next: 'Set it with: portsync env set SESSION_SECRET',
};

/** Every screen of setting up, starting and ending an app. */
export const STARTER: Record<string, (size: Size) => State> = {
  'setup-form': form,
  'setup-image': (size) =>
    pressed(form(size), 'j', ' ', 'j', 'enter', ...Array.from('ghcr.io/acme/shop:1.4')),
  'setup-plan': (size) => pressed(planned(form(size), adopted), 'j'),
  'setup-refused': (size) => planned(form(size), refused),
  'up-plan': (size) => stack(size, 'u', up),
  'up-running': running,
  'up-done': (size) =>
    having(running(size), ...up.steps.map(({ id }, at) => did(id, 4000 * at)), {
      type: 'stack-ended',
      problem: null,
    }),
  'up-failed': (size) => having(running(size), { type: 'stack-ended', problem: gone }),
  'not-up': (size) =>
    having(working(size), {
      type: 'reading',
      pane: 'containers',
      id: 'local',
      reading: { state: 'ready', data: [], seenAt: NOW },
    }),
  'down-plan': (size) => stack(size, 'D', down),
  'down-volume': (size) => pressed(stack(size, 'D', down), 'V', 's', 'h'),
};
