import type { Colour, Container } from '../../../model/container.ts';
import type { Program } from '../../programs.ts';
import type { Balancer } from '../balancer/balancer.ts';
import type { Upstream } from '../balancer/pool.ts';
import { Child, type ChildSpec } from '../machine/child.ts';
import { LogRing } from '../machine/log-ring.ts';
import { freePort } from '../machine/ports.ts';
import type { Registration } from '../machine/registry.ts';

const DRAIN_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 10_000;
const STARTS = 3;

/** The app whose replicas the lab runs. */
export interface LabApp extends Program {
  cwd: string;
  /** Shown as the replicas' image. */
  image: string;
}

/** What all replicas are started with. */
export interface Site {
  app: LabApp;
  balancer: Balancer;
  registration: Registration;
}

/** One web replica: a process, its place in the balancer, its log. It stays known when it exits. */
export class Replica {
  readonly name: string;
  readonly colour: Colour;
  readonly log = new LogRing();
  readonly #site: Site;
  readonly env: ReadonlyMap<string, string>;
  readonly #createdAt = new Date().toISOString();
  #child: Child | null = null;
  #upstream: Upstream | null = null;
  #restarts = 0;
  #starting: Promise<void> | null = null;
  /** It exited, and whether it is started again is not yet known. */
  #settling = false;

  constructor(site: Site, colour: Colour, number: number, env: ReadonlyMap<string, string>) {
    this.#site = site;
    this.colour = colour;
    this.name = `web-${colour}.${number}`;
    this.env = env;
  }

  get running(): boolean {
    return this.#child?.running ?? false;
  }

  /** It exited, and will not come back by itself. */
  get gone(): boolean {
    return !this.running && !this.#settling;
  }

  get healthy(): boolean {
    return this.running && this.#upstream?.health === 'healthy';
  }

  get pid(): number | null {
    return (this.running && this.#child?.process.pid) || null;
  }

  async start(): Promise<void> {
    if (this.running) return;
    if (this.#child && !this.#starting) this.#restarts += 1;
    this.#starting ??= this.#launch(1).finally(() => {
      this.#starting = null;
    });
    await this.#starting;
  }

  /** As a crash would: nothing is told to the app or to the balancer. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#child?.exited;
  }

  /** Takes no new requests, ends the running ones, exits. */
  async stop(): Promise<void> {
    const { pool } = this.#site.balancer;
    const upstream = this.#upstream;
    if (upstream && this.running) {
      upstream.draining = true;
      await pool.idle(upstream, AbortSignal.timeout(DRAIN_LIMIT_MS)).catch(() => {});
    }
    await this.#child?.stop('SIGTERM', STOP_LIMIT_MS);
    pool.remove(this.name);
    this.#upstream = null;
  }

  container(usage: Pick<Container, 'cpuPercent' | 'memoryBytes'>): Container {
    const child = this.#child;
    return {
      id: this.name,
      engine: 'lab',
      node: 'main',
      name: this.name,
      image: this.#site.app.image,
      state: child === null ? 'created' : child.running ? 'running' : 'exited',
      health: (child?.running && this.#upstream?.health) || 'none',
      colour: this.colour,
      ...usage,
      memoryLimitBytes: null,
      receivedBytesPerSecond: null,
      sentBytesPerSecond: null,
      restarts: this.#restarts,
      exitCode: child?.exitCode ?? null,
      startedAt: child?.running ? child.startedAt : null,
      createdAt: this.#createdAt,
    };
  }

  async #launch(start: number): Promise<void> {
    const { app, balancer, registration } = this.#site;
    const port = await freePort();
    const spec: ChildSpec = {
      command: app.command,
      args: app.args,
      cwd: app.cwd,
      env: this.#processEnv(port),
      user: null,
      orphanSignal: 'SIGKILL',
      ipc: true,
    };
    const child = new Child(spec, registration, this.log);
    const upstream = balancer.add(this.name, this.colour, port);
    this.#child = child;
    this.#upstream = upstream;
    void child.exited.then((code) => this.#exited(child, upstream, code, start));
  }

  async #exited(child: Child, upstream: Upstream, code: number, start: number): Promise<void> {
    // At once, and whether or not a request noticed: the port may soon be someone else's.
    upstream.exited();
    this.#settling = true;
    const words = await child.lastWords();
    this.log.add('stderr', `exited with code ${code}`);
    const portTaken = upstream.health === 'starting' && words.includes('EADDRINUSE');
    if (portTaken && start < STARTS && this.#child === child) await this.#launch(start + 1);
    this.#settling = false;
  }

  #processEnv(port: number): Record<string, string> {
    const { PATH = '', HOME = '/', LANG = 'C.UTF-8' } = process.env;
    return {
      PATH,
      HOME,
      LANG,
      NODE_ENV: 'production',
      ...Object.fromEntries(this.env),
      PORT: String(port),
      HOSTNAME: '127.0.0.1',
      PORTSYNC_REPLICA: this.name,
    };
  }
}
