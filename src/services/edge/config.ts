import { type Colour, otherColour } from '../../model/container.ts';
import {
  backendOf,
  COLOURS,
  type Discovery,
  type EdgeSettings,
  edgeFile,
  SPARE,
} from './settings.ts';

/**
 * The haproxy.cfg of an edge, for HAProxy 2.6 and newer. Every line here was chosen by losing hosts,
 * switching colours and reloading under load; see docs/decisions/0009-edge.md before changing one.
 */
export function edgeConfig(settings: EdgeSettings): string {
  return [
    '# Written by PortSync. Changes are lost: set them in portsync.yaml and run portsync up.',
    global(settings),
    requestRing(),
    settings.discovery.kind === 'dns' ? resolvers(settings.discovery.resolver) : null,
    defaults(settings),
    frontend(settings),
    tables(),
    ...COLOURS.map((colour) => backend(colour, settings)),
  ]
    .filter((section) => section !== null)
    .join('\n\n')
    .concat('\n');
}

function section(head: string, lines: ReadonlyArray<string | null>): string {
  return [head, ...lines.filter((line) => line !== null).map((line) => `  ${line}`)].join('\n');
}

function global({ dir, maxConnections }: EdgeSettings): string {
  return section('global', [
    'log stdout format raw daemon notice',
    `maxconn ${maxConnections}`,
    // Only through a directory that is closed to everybody else on the machine.
    `stats socket unix@${edgeFile(dir, 'socket')} mode 666 level admin expose-fd listeners`,
    `lua-load ${edgeFile(dir, 'script')}`,
    `server-state-file ${edgeFile(dir, 'servers')}`,
    // After a reload the old process stays as long as its WebSockets, and no longer than this.
    'hard-stop-after 10m',
    // A request's line and headers must fit into bufsize less maxrewrite.
    'tune.bufsize 16384',
    'tune.maxrewrite 1024',
    'tune.http.maxhdr 101',
  ]);
}

/** The last few thousand requests, one line each: what rates and percentiles are made from. */
function requestRing(): string {
  return section('ring requests', ['format raw', 'maxlen 128', 'size 131072']);
}

function resolvers(address: string): string {
  return section('resolvers docker', [
    `nameserver dns ${address}`,
    'accepted_payload_size 8192',
    'timeout resolve 1s',
    'timeout retry 1s',
    'hold valid 1s',
    'hold obsolete 2s',
    'hold nx 2s',
    // The engine restarts: its DNS is silent, and the replicas are where they were.
    'hold timeout 10m',
    'hold refused 10m',
    'hold other 10m',
  ]);
}

function defaults({ answerWithinMs }: EdgeSettings): string {
  return section('defaults', [
    'mode http',
    'option redispatch 1',
    'option abortonclose',
    'option idle-close-on-response',
    'option dontlognull',
    'retries 8',
    'balance roundrobin',
    'load-server-state-from-file global',
    // A client that sends its headers byte by byte has this long for all of them.
    'timeout http-request 10s',
    'timeout http-keep-alive 30s',
    'timeout client 60s',
    'timeout client-fin 10s',
    'timeout connect 500ms',
    'timeout queue 30s',
    // A check that is late on a busy machine is no death; a dead replica refuses connections.
    'timeout check 5s',
    `timeout server ${answerWithinMs}ms`,
    'timeout tunnel 1h',
    `default-server ${CHECKS}`,
  ]);
}

const CHECKS = [
  'check inter 1s fastinter 200ms downinter 1s fall 2 rise 1',
  'observe layer4 error-limit 2 on-error mark-down',
  // Node queues 511 connections that it has not accepted yet. One more is refused in silence, and
  // would count as the death of the replica: the rest of a burst, as after a hold, waits here.
  'maxconn 500',
].join(' ');

function frontend({ dir, http, https, largestBodyBytes }: EdgeSettings): string {
  const map = edgeFile(dir, 'map');
  return section('frontend web', [
    `bind ${http}`,
    https && `bind ${https.bind} ssl crt ${https.certificate} alpn h2,http/1.1 ssl-min-ver TLSv1.2`,
    'log ring@requests local0',
    `log-format "%[date(0,ms)] %b %s %Tr %ST"`,
    https && 'http-request redirect scheme https code 308 unless { ssl_fc }',
    `http-request deny deny_status 413 if { req.body_size gt ${largestBodyBytes} }`,
    // Whatever a client says of itself here would be believed by the app.
    'http-request del-header Forwarded',
    'http-request set-header X-Forwarded-For %[src]',
    'http-request set-header X-Real-IP %[src]',
    'http-request set-header X-Forwarded-Host %[req.hdr(host)]',
    'http-request set-header X-Forwarded-Proto http',
    https && 'http-request set-header X-Forwarded-Proto https if { ssl_fc }',
    // What may have been carried out already is never sent twice. A refused connection still is.
    'http-request disable-l7-retry unless METH_GET or { method HEAD OPTIONS }',
    `http-request set-var(txn.hold) str(hold),map(${map},off)`,
    'acl holding var(txn.hold) -m reg ^[0-9]+$',
    'http-request track-sc0 var(txn.hold) table holds if holding',
    'http-request lua.hold if holding',
    'http-request reject if holding !{ var(txn.released) -m bool }',
    `use_backend %[str(app),map(${map},${backendOf('blue')})]`,
  ]);
}

/** Counters that both the rules and PortSync read; they have no servers. */
function tables(): string {
  return [
    // By hold: how many waited, how many of these got a replica's answer, how many are not over.
    section('backend holds', [
      'stick-table type string len 24 size 64 store conn_cnt,conn_cur,gpc0',
    ]),
    // By colour: answers that go on for as long as the client likes, and keep no drain waiting.
    section('backend endless', ['stick-table type string len 24 size 8 store conn_cnt,conn_cur']),
  ].join('\n\n');
}

function backend(colour: Colour, { discovery, ready }: EdgeSettings): string {
  const name = backendOf(colour);
  return section(`backend ${name}`, [
    'retry-on conn-failure empty-response response-timeout 502 503 504',
    'option httpchk',
    `http-check send meth GET uri ${ready} ver HTTP/1.1 hdr Host localhost`,
    // A page that sends on to the log-in is there, too.
    'http-check expect status 200-399',
    'http-response sc-inc-gpc0(0) if { var(txn.hold) -m reg ^[0-9]+$ }',
    'http-response track-sc1 be_name table endless if { status 101 } or { res.hdr(content-type) -m beg text/event-stream }',
    'option allbackups',
    ...servers(colour, `${name}-`, '', discovery),
    ...servers(otherColour(colour), SPARE, ' backup disabled', discovery),
  ]);
}

function servers(colour: Colour, prefix: string, more: string, discovery: Discovery): string[] {
  if (discovery.kind === 'dns') {
    const address = `${backendOf(colour)}:${discovery.port}`;
    return [`server-template ${prefix} ${discovery.slots} ${address} ${RESOLVE}${more}`];
  }
  return discovery.servers[colour].map(({ name, address }, at) => {
    const called = prefix === SPARE ? `${SPARE}${at + 1}` : name;
    return `server ${called} ${address}${more}`;
  });
}

const RESOLVE = 'resolvers docker resolve-prefer ipv4 init-addr last,none';
