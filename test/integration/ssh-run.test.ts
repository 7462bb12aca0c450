import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Executor, RunOptions } from '../../src/ports/executor.ts';
import { openLocal } from '../../src/services/executor/local.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { runs } from '../rig/processes.ts';
import { connectTo, friendOf, type SshClient } from '../rig/ssh-client.ts';
import { type Sshd, sshdNeed, startSshd } from '../rig/sshd.ts';
import { until } from '../rig/until.ts';

const never = new AbortController().signal;
const within = (more: Partial<RunOptions> = {}): RunOptions => ({
  signal: never,
  timeoutMs: 30_000,
  ...more,
});

const always: Need = { name: 'this machine', missing: null };

function executorStory(title: string, need: Need, open: () => Promise<Executor>) {
  describeWith(need, title, () => {
    let machine: Executor;
    let dir = '';
    beforeAll(async () => {
      machine = await open();
      dir = await mkdtemp(join(tmpdir(), 'portsync-executor-'));
    });
    afterAll(async () => {
      await machine.close();
      await rm(dir, { recursive: true, force: true });
    });

    it('hands arguments and input over as they are', async () => {
      const nasty = [
        "it's",
        '"x"',
        '$HOME',
        '`id`',
        'a\nb',
        '\\',
        "\\'",
        '-n',
        '',
        'ünï✓',
        '*',
        '!',
      ];
      const script = 'for each; do printf "%s|" "$each"; done; cat';
      const { stdout } = await machine.run(
        ['sh', '-c', script, 'sh', ...nasty],
        within({ input: 'in' }),
      );
      expect(stdout).toBe(`${nasty.join('|')}|in`);
    });

    it('answers exit codes, signals and missing programs as results', async () => {
      const code = async (...command: string[]) => (await machine.run(command, within())).exitCode;
      expect(await code('sh', '-c', 'exit 3')).toBe(3);
      expect(await code('sh', '-c', 'kill -KILL $$')).toBe(137);
      expect(await code('/no/such/program')).toBe(127);
      expect(await code('/etc/passwd')).toBe(126);
      const both = await machine.run(['sh', '-c', 'echo out; echo err >&2'], within());
      expect(both).toEqual({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
    });

    it('carries megabytes both ways', async () => {
      const input = Buffer.alloc(5_000_000, 'abcdefg\n');
      const { stdout } = await machine.run(['cat'], within({ input }));
      expect(stdout.length).toBe(input.length);
      const ignored = await machine.run(['true'], within({ input }));
      expect(ignored.exitCode).toBe(0);
    });

    it('ends a command that says too much, takes too long, or is no longer wanted', async () => {
      const endless = (mark: string) => [
        'sh',
        '-c',
        'trap "" TERM; sleep 600 & yes "$0"',
        `${mark}-${process.pid}`,
      ];
      const quiet = [
        'sh',
        '-c',
        'trap "" TERM; echo >/dev/null "$0"; sleep 601 & sleep 602; exit',
        '',
      ];
      const tooMuch = machine.run(endless('much'), within({ maxBytes: 100_000 }));
      await expect(tooMuch).rejects.toMatchObject({ code: 'output-too-big' });
      quiet[3] = `long-${process.pid}`;
      const tooLong = machine.run(quiet, within({ timeoutMs: 1_500 }));
      await expect(tooLong).rejects.toMatchObject({ code: 'command-timeout' });
      quiet[3] = `unwanted-${process.pid}`;
      const stop = new AbortController();
      const unwanted = machine.run(quiet, within({ signal: stop.signal }));
      const settled = expect(unwanted).rejects.toMatchObject({ code: 'cancelled' });
      await until(() => runs(`unwanted-${process.pid}`));
      stop.abort();
      await settled;
      for (const mark of ['much', 'long', 'unwanted']) {
        await until(() => !runs(`${mark}-${process.pid}`), 10_000, `${mark} has ended`);
      }
    });

    it('reads and replaces files whole, with the wanted mode, through links', async () => {
      const data = Buffer.from([0, 255, 10, 13, 39, 92, ...Buffer.from('ü')]);
      const file = join(dir, "it's a file");
      await machine.writeFile(file, data, 0o640, never);
      expect(Buffer.from(await machine.readFile(file, never))).toEqual(data);
      expect((await stat(file)).mode & 0o777).toBe(0o640);
      const link = join(dir, 'link');
      await symlink(file, link);
      await machine.writeFile(link, Buffer.from('new'), 0o600, never);
      expect(await readFile(file, 'utf8')).toBe('new');
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await machine.writeFile(file, Buffer.alloc(0), 0o600, never);
      expect((await machine.readFile(file, never)).length).toBe(0);
      expect((await readdir(dir)).sort()).toEqual(["it's a file", 'link']);
    });

    it('says why a file cannot be read or written, and leaves nothing behind', async () => {
      const gone = join(dir, 'gone/file');
      await expect(machine.readFile(gone, never)).rejects.toMatchObject({ code: 'file-missing' });
      const write = machine.writeFile(gone, Buffer.from('x'), 0o600, never);
      await expect(write).rejects.toMatchObject({ code: 'file-missing' });
      await expect(machine.readFile(dir, never)).rejects.toMatchObject({
        why: 'It is a directory.',
      });
      const over = machine.writeFile(dir, Buffer.from('x'), 0o600, never);
      await expect(over).rejects.toMatchObject({ code: 'file-unwritable' });
      const stop = AbortSignal.abort();
      const file = join(dir, 'never');
      await expect(machine.writeFile(file, Buffer.from('x'), 0o600, stop)).rejects.toMatchObject({
        code: 'cancelled',
      });
      expect(await readdir(dir)).not.toContain('never');
    });

    it('reaches a unix socket, many connections at once', async () => {
      const path = join(dir, 'http.sock');
      const server = createServer((asked, answer) => {
        asked.resume().on('end', () => answer.end(`${asked.url} ${'x'.repeat(200_000)}`));
      });
      await new Promise<void>((resolve) => server.listen(path, resolve));
      try {
        const asked = Array.from({ length: 20 }, (_, at) => get(machine, path, `/${at}`));
        const bodies = await Promise.all(asked);
        expect(bodies.map((body) => body.split(' ')[0])).toEqual(bodies.map((_, at) => `/${at}`));
        expect(bodies.every((body) => body.length > 200_000)).toBe(true);
      } finally {
        await closed(server);
      }
      await expect(machine.connectUnix(join(dir, 'no.sock'), never)).rejects.toMatchObject({
        code: expect.stringMatching(/file-missing|socket-unreachable/),
      });
    });
  });
}

async function get(machine: Executor, path: string, url: string): Promise<string> {
  const stream: Duplex = await machine.connectUnix(path, never);
  return new Promise((resolve, reject) => {
    const asked = request({ path: url, host: 'unix', createConnection: () => stream });
    asked.on('error', reject).on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('error', reject);
      answer.on('data', (text) => {
        body += text;
      });
      answer.on('end', () => resolve(body));
    });
    asked.end();
  });
}

const closed = (server: Server) => new Promise((resolve) => server.close(resolve));

executorStory('a command on this machine', always, async () => openLocal());

let sshd: Sshd;
let client: SshClient;
executorStory('a command over SSH', sshdNeed, async () => {
  sshd = await startSshd();
  client = await friendOf(sshd);
  return connectTo(sshd, client);
});

describeWith(sshdNeed, 'many commands over one SSH connection', () => {
  afterAll(async () => {
    await sshd?.remove();
    await client?.remove();
  });

  it('wait for each other where the server allows few sessions', async () => {
    const strict = await startSshd({ settings: ['MaxSessions 2'] });
    const friend = await friendOf(strict);
    const machine = connectTo(strict, friend);
    try {
      const all = Array.from({ length: 40 }, (_, at) => machine.run(['echo', `${at}`], within()));
      const said = (await Promise.all(all)).map((result) => result.stdout.trim());
      expect(said).toEqual(said.map((_, at) => String(at)));
    } finally {
      await machine.close();
      await strict.remove();
      await friend.remove();
    }
  });

  it('are all ended at once, though ending one takes a session, too', async () => {
    const machine = connectTo(sshd, client);
    const stop = new AbortController();
    const mark = (at: number) => `ended-${at}-${process.pid}`;
    const commands = Array.from({ length: 8 }, (_, at) => ['sh', '-c', 'sleep 60; :', mark(at)]);
    const all = commands.map((command) => machine.run(command, within({ signal: stop.signal })));
    const settled = Promise.allSettled(all);
    try {
      await until(() => commands.every((_, at) => runs(mark(at))));
      stop.abort();
      await settled;
      await until(() => !commands.some((_, at) => runs(mark(at))), 10_000);
      expect((await machine.run(['echo', 'still here'], within())).stdout).toBe('still here\n');
    } finally {
      await machine.close();
    }
  });

  it('never lose the end of a file with the connection', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'portsync-cut-'));
    const file = join(dir, 'settings');
    await writeFile(file, 'old');
    await chmod(file, 0o644);
    const machine = connectTo(sshd, client);
    try {
      await machine.run(['true'], within());
      // Large enough to be under way for a while.
      const writing = machine.writeFile(file, Buffer.alloc(60_000_000, 'n'), 0o600, never);
      const settled = expect(writing).rejects.toMatchObject({ code: 'ssh-lost' });
      await until(async () => (await readdir(dir)).length > 1);
      await sshd.crash();
      await settled;
      expect(await readFile(file, 'utf8')).toBe('old');
    } finally {
      await machine.close();
      await rm(dir, { recursive: true, force: true });
      await sshd.start();
    }
  });
});
