import { describe, expect, it } from 'vitest';
import {
  parseHoldState,
  parseRequests,
  parseStat,
  parseTableEntry,
  type RequestLine,
} from '../../src/services/edge/answers.ts';
import { edgeConfig } from '../../src/services/edge/config.ts';
import { trafficOf } from '../../src/services/edge/figures.ts';
import { mapText, servingIn } from '../../src/services/edge/map-file.ts';
import { EDGE_DEFAULTS, type EdgeSettings } from '../../src/services/edge/settings.ts';

const swarm: EdgeSettings = {
  ...EDGE_DEFAULTS,
  dir: '/etc/portsync',
  http: ':80',
  https: null,
  discovery: { kind: 'dns', resolver: '127.0.0.11:53', port: 3000, slots: 20 },
};

describe('the configuration of an edge', () => {
  it('finds the replicas of both colours by name, and keeps them while the DNS is silent', () => {
    const text = edgeConfig(swarm);
    for (const colour of ['blue', 'green']) {
      expect(text).toContain(
        `server-template web-${colour}- 20 web-${colour}:3000 resolvers docker`,
      );
    }
    expect(text).toContain('nameserver dns 127.0.0.11:53');
    expect(text).toContain('hold timeout 10m');
  });

  it('opens no port but the app’s, and its controls only as a socket in a directory', () => {
    const text = edgeConfig(swarm);
    expect(text.match(/^ {2}bind .*$/gm)).toEqual(['  bind :80']);
    expect(text).toContain('stats socket unix@/etc/portsync/run/haproxy.sock');
    expect(text).not.toMatch(/stats uri|stats enable/);
  });

  it('serves TLS where there is a certificate, and sends everybody there', () => {
    const https = { bind: ':443', certificate: '/etc/portsync/cert.pem' };
    const text = edgeConfig({ ...swarm, https });
    expect(text).toContain('bind :443 ssl crt /etc/portsync/cert.pem alpn h2,http/1.1');
    expect(text).toContain('redirect scheme https code 308 unless { ssl_fc }');
    expect(edgeConfig(swarm)).not.toMatch(/ssl/);
  });

  it('repeats nothing but GET, HEAD and OPTIONS once a byte was sent', () => {
    expect(edgeConfig(swarm)).toContain(
      'http-request disable-l7-retry unless METH_GET or { method HEAD OPTIONS }',
    );
  });
});

describe('the map of an edge', () => {
  it('says which colour serves, in the file and as HAProxy lists it', () => {
    expect(servingIn(mapText('green'))).toBe('green');
    expect(servingIn('0x55696f380e90 app web-blue\n0x55696f386a80 hold off\n')).toBe('blue');
    expect(servingIn('app something-else\n')).toBeNull();
    expect(mapText('blue')).toContain('hold off');
  });
});

describe('what HAProxy says', () => {
  it('is read as the state of a hold, or as nothing', () => {
    const line = 'state=held now=1795578917500 id=1795578916083 first=0 ended=0 expired=false\n';
    expect(parseHoldState(line)).toEqual({
      held: true,
      now: 1795578917500,
      id: '1795578916083',
      first: 0,
      ended: 0,
      expired: false,
    });
    expect(parseHoldState('Unknown command: portsync')).toBeNull();
  });

  it('is read as counters of one entry of a table', () => {
    const text =
      '# table: holds, type: string, size:64, used:1\n' +
      '0x7f04c0043530: key=17955 use=3 exp=0 shard=0 gpc0=2 conn_cnt=5 conn_cur=3\n';
    const entry = parseTableEntry(text, '17955');
    expect([entry?.get('gpc0'), entry?.get('conn_cnt'), entry?.get('conn_cur')]).toEqual([2, 5, 3]);
    expect(parseTableEntry(text, '1')).toBeNull();
  });

  it('is read as servers by the names of the columns, wherever they are', () => {
    const text =
      '# pxname,svname,scur,qcur,addr,check_status,status,\n' +
      'web-blue,web-blue-1,4,1,10.0.1.5:3000,L7OK,UP,\n' +
      'web-blue,web-blue-2,0,0,,* L4CON,DOWN 1/2,\n';
    expect(parseStat(text)).toEqual([
      {
        backend: 'web-blue',
        server: 'web-blue-1',
        running: 4,
        queued: 1,
        status: 'UP',
        checked: true,
        address: '10.0.1.5:3000',
      },
      expect.objectContaining({ status: 'DOWN 1/2', checked: false, address: '' }),
    ]);
  });

  it('is read as requests, whatever else is in the ring', () => {
    const text =
      '1000 web-blue web-blue-1 12 200\ntorn line\n1001 web <NOSRV> -1 413\n1002 web-blue web-blue-1 -1 502\n';
    expect(parseRequests(text)).toEqual([
      { at: 1000, backend: 'web-blue', server: 'web-blue-1', ms: 12, status: 200 },
      { at: 1001, backend: 'web', server: null, ms: null, status: 413 },
      { at: 1002, backend: 'web-blue', server: 'web-blue-1', ms: null, status: 502 },
    ]);
  });
});

describe('traffic', () => {
  const NOW = 1_000_000;
  const hold = { held: false, now: NOW, id: '0', first: 0, ended: 0, expired: false };
  const request = (agoMs: number, ms: number | null, status = 200, server = 'web-blue-1') =>
    ({ at: NOW - agoMs, backend: 'web-blue', server, ms, status }) satisfies RequestLine;
  const row = (server: string, status: string, address: string) => ({
    backend: 'web-blue',
    server,
    running: 0,
    queued: 0,
    status,
    checked: true,
    address,
  });
  const look = (requests: RequestLine[]) =>
    trafficOf({
      serving: 'blue',
      hold,
      waiting: 3,
      rows: [row('web-blue-1', 'UP', '10.0.1.5:3000'), row('web-blue-2', 'MAINT (resolution)', '')],
      requests,
      names: new Map([['10.0.1.5', { name: 'web.1', node: 'fra-2' }]]),
    });

  it('is counted over ten seconds, with percentiles of real requests', () => {
    const times = Array.from({ length: 100 }, (_, at) => request(at * 90, at + 1));
    const { requestsPerSecond, p50Ms, p95Ms, held, replicas } = look([
      request(60_000, 5000),
      ...times.reverse(),
    ]);
    expect([requestsPerSecond, p50Ms, p95Ms, held]).toEqual([10, 50, 95, 3]);
    expect(replicas).toEqual([
      expect.objectContaining({
        name: 'web.1',
        node: 'fra-2',
        colour: 'blue',
        state: 'up',
        p50Ms: 50,
      }),
    ]);
  });

  it('is counted over less where the edge remembers less', () => {
    expect(look([request(2000, 1), request(1000, 1)]).requestsPerSecond).toBe(1);
  });

  it('counts answers of 5xx and none as errors', () => {
    const { errorsPerSecond, replicas } = look([
      request(2000, 1),
      request(1500, 3, 502),
      request(1000, null, -1),
      request(500, 2, 404),
    ]);
    expect(errorsPerSecond).toBe(1);
    expect(replicas[0]?.errorRate).toBe(0.5);
  });

  it('has no percentiles where nothing was asked', () => {
    expect(look([])).toMatchObject({ requestsPerSecond: 0, p50Ms: null, p95Ms: null });
  });
});
