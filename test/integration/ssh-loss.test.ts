import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Executor } from '../../src/ports/executor.ts';
import { openSsh } from '../../src/services/ssh/executor.ts';
import { describeWith } from '../rig/needs.ts';
import { runs } from '../rig/processes.ts';
import { connectTo, friendOf, type SshClient } from '../rig/ssh-client.ts';
import { type Sshd, sshdNeed, startSshd } from '../rig/sshd.ts';
import { until } from '../rig/until.ts';

const never = new AbortController().signal;
const limits = { signal: never, timeoutMs: 30_000 };
const mark = (name: string) => `${name}-${process.pid}`;
const sleeper = (name: string) => ['sh', '-c', 'sleep 20; exit', mark(name)];
const hello = async (machine: Executor) => (await machine.run(['echo', 'hello'], limits)).stdout;

describeWith(sshdNeed, 'an SSH connection that is lost', () => {
  let sshd: Sshd;
  let client: SshClient;
  let machine: Executor;
  beforeAll(async () => {
    sshd = await startSshd();
    client = await friendOf(sshd);
    machine = connectTo(sshd, client);
  });
  afterAll(async () => {
    await machine?.close();
    await sshd?.remove();
    await client?.remove();
  });

  it('is said by the call it cuts short, and made again by the next one', async () => {
    expect(await hello(machine)).toBe('hello\n');
    const cut = expect(machine.run(sleeper('cut'), limits)).rejects.toMatchObject({
      code: 'ssh-lost',
      message: expect.stringContaining(sshd.address),
    });
    await until(() => runs(mark('cut')));
    await sshd.crash();
    await cut;
    await sshd.start();
    expect(await hello(machine)).toBe('hello\n');
  });

  it('is said as long as the machine is away, and forgotten when it is back', async () => {
    await sshd.crash();
    await until(async () => {
      const code = await hello(machine).catch((error: { code: string }) => error.code);
      return code === 'ssh-refused';
    });
    await sshd.start();
    await until(async () => (await hello(machine).catch(() => '')) === 'hello\n');
  });

  it('is not waited for longer than allowed when the machine falls silent', async () => {
    expect(await hello(machine)).toBe('hello\n');
    sshd.freeze();
    const asked = machine.run(['echo', 'anyone'], { signal: never, timeoutMs: 1_000 });
    await expect(asked).rejects.toMatchObject({
      code: 'ssh-timeout',
      message: expect.stringContaining(sshd.address),
    });
    sshd.thaw();
    await until(async () => (await hello(machine).catch(() => '')) === 'hello\n');
  });

  it('ends the streams to unix sockets with an error, not as if all had been said', async () => {
    const path = `${sshd.dir}/quiet.sock`;
    const held: Socket[] = [];
    const server = createServer((socket) => held.push(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const stream = await machine.connectUnix(path, never);
    const failure = new Promise<{ code?: string }>((resolve) => stream.once('error', resolve));
    stream.resume();
    await sshd.crash();
    expect(await failure).toMatchObject({ code: 'ssh-lost' });
    expect(stream.destroyed).toBe(true);
    for (const socket of held) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await sshd.start();
  });

  it('is not waited for by a caller that has left', async () => {
    const stop = new AbortController();
    const limited = { signal: stop.signal, timeoutMs: 60_000 };
    const running = machine.run(sleeper('left'), limited);
    const settled = expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await until(() => runs(mark('left')));
    stop.abort();
    await settled;
  });

  it('is ended by close, with all that waits on it', async () => {
    const other = connectTo(sshd, client);
    expect(await hello(other)).toBe('hello\n');
    const running = expect(other.run(sleeper('closed'), limits)).rejects.toMatchObject({
      code: 'cancelled',
    });
    await until(() => runs(mark('closed')));
    await other.close();
    await running;
    await expect(hello(other)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describeWith(sshdNeed, 'an address where no SSH server answers', () => {
  const open: Array<() => unknown> = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  async function listener(onConnection: (socket: Socket) => void): Promise<number> {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async function failure(address: string): Promise<{ code: string; message: string }> {
    const options = { projectDir: null, home: '/nonexistent', agentSocket: null };
    const machine = openSsh(address, { ...options, connectTimeoutMs: 3_000 });
    open.push(() => machine.close());
    return hello(machine).then(
      () => ({ code: 'none', message: '' }),
      (error) => error,
    );
  }

  it('is told apart by what happens there', async () => {
    const silent = await listener(() => {});
    const rude = await listener((socket) => socket.destroy());
    const web = await listener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const port = await listener(() => {});
    await open.pop()?.();
    expect(await failure(`u@127.0.0.1:${silent}`)).toMatchObject({ code: 'ssh-timeout' });
    expect(await failure(`u@127.0.0.1:${rude}`)).toMatchObject({ code: 'ssh-hung-up' });
    expect(await failure(`u@127.0.0.1:${web}`)).toMatchObject({ code: 'ssh-hung-up' });
    expect(await failure(`u@127.0.0.1:${port}`)).toMatchObject({ code: 'ssh-refused' });
    expect(await failure('u@no-such-host.invalid')).toMatchObject({
      code: 'ssh-unresolved',
      message: expect.stringContaining('no-such-host.invalid'),
    });
    expect(await failure('u@[')).toMatchObject({ code: 'ssh-address-invalid' });
  });
});
