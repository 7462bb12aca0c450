import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { hostKeyProblem } from '../../src/services/ssh/host-key.ts';
import {
  fingerprint,
  hostKeyAlgorithms,
  judge,
  keyType,
  knownHostName,
  parseKnownHosts,
} from '../../src/services/ssh/known-hosts.ts';
import { pinHostKey } from '../../src/services/ssh/pin.ts';
import { describeWith } from '../rig/needs.ts';
import { keygenNeed } from '../rig/sshd.ts';

function blob(type: string, seed: string): Buffer {
  const [name, body] = [Buffer.from(type), Buffer.from(seed)];
  const length = (of: Buffer) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(of.length);
    return bytes;
  };
  return Buffer.concat([length(name), name, length(body), body]);
}

const ours = blob('ssh-ed25519', 'ours');
const other = blob('ssh-ed25519', 'other');
const rsa = blob('ssh-rsa', 'rsa');
const line = (names: string, key = ours) => `${names} ${keyType(key)} ${key.toString('base64')}`;
const verdict = (text: string, host: string, key = ours) =>
  judge(parseKnownHosts(text, 'known_hosts'), host, key).verdict;

describe('known hosts', () => {
  it('names a host as ssh does', () => {
    expect(knownHostName('Example.com', 22, null)).toBe('example.com');
    expect(knownHostName('10.0.0.1', 2222, null)).toBe('[10.0.0.1]:2222');
    expect(knownHostName('10.0.0.1', 2222, 'Fra-2')).toBe('fra-2');
  });

  it('trusts the key of a line that names the host', () => {
    expect(verdict(line('example.com'), 'example.com')).toBe('known');
    expect(verdict(line('a.com,example.com'), 'example.com')).toBe('known');
    expect(verdict(line('[example.com]:2222'), '[example.com]:2222')).toBe('known');
    expect(verdict(line('*.example.com,!bad.example.com'), 'a.example.com')).toBe('known');
    expect(verdict(line('10.0.?.1'), '10.0.7.1')).toBe('known');
    expect(verdict(`# a comment\n\n  ${line('EXAMPLE.com')}  me@home`, 'example.com')).toBe(
      'known',
    );
  });

  it('does not know a host that no line names', () => {
    expect(verdict('', 'example.com')).toBe('unknown');
    expect(verdict(line('*.example.com,!bad.example.com'), 'bad.example.com')).toBe('unknown');
    expect(verdict(line('exampleXcom'), 'example.com')).toBe('unknown');
    expect(verdict(line('example.com', other), 'sub.example.com')).toBe('unknown');
    expect(verdict(`@cert-authority ${line('example.com')}`, 'example.com')).toBe('unknown');
  });

  it('stops when the host is known by another key, also by one of another type', () => {
    expect(verdict(line('example.com', other), 'example.com')).toBe('changed');
    expect(verdict(line('example.com', rsa), 'example.com')).toBe('changed');
    expect(verdict(`${line('example.com', rsa)}\n${line('example.com')}`, 'example.com')).toBe(
      'known',
    );
  });

  it('takes the bare name for another port when the key is the same, but never as a change', () => {
    expect(verdict(line('example.com'), '[example.com]:2222')).toBe('known');
    expect(verdict(line('example.com', other), '[example.com]:2222')).toBe('unknown');
    expect(verdict(`@revoked ${line('example.com')}`, '[example.com]:2222')).toBe('revoked');
  });

  it('lets a revoked key in nowhere that its line names, though another line trusts it', () => {
    const text = `${line('example.com')}\n@revoked ${line('*')}`;
    expect(verdict(text, 'example.com')).toBe('revoked');
    expect(verdict(`@revoked ${line('*', other)}\n${line('example.com')}`, 'example.com')).toBe(
      'known',
    );
  });

  it('asks for the algorithms of known keys first, and never for SHA-1', () => {
    const entries = parseKnownHosts(`${line('example.com', rsa)}`, 'f');
    expect(hostKeyAlgorithms(entries, 'example.com').slice(0, 2)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
    ]);
    expect(hostKeyAlgorithms(entries, 'elsewhere')[0]).toBe('ssh-ed25519');
    expect(hostKeyAlgorithms(entries, 'example.com')).not.toContain('ssh-rsa');
  });

  it('says where the old key is and how to forget it', () => {
    const entries = parseKnownHosts(`\n${line('example.com', other)}`, '/home/u/.ssh/known_hosts');
    expect(hostKeyProblem(entries, 'example.com', ours)).toMatchObject({
      code: 'host-key-changed',
      why: expect.stringContaining('/home/u/.ssh/known_hosts:2'),
      next: expect.stringContaining("ssh-keygen -f '/home/u/.ssh/known_hosts' -R 'example.com'"),
    });
  });

  it('survives any file', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, host) => {
        judge(parseKnownHosts(`${text}\n|1|${host}|x ssh-rsa y`, 'f'), host, ours);
      }),
    );
  });
});

describeWith(keygenNeed, 'known hosts of OpenSSH', () => {
  const dir = mkdtempSync(join(tmpdir(), 'portsync-known-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const keygen = (...args: string[]) =>
    execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: 'pipe' });

  it('understands hashed names and prints the same fingerprint', () => {
    const file = join(dir, 'key');
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', file);
    const [type = '', key = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    const known = join(dir, 'known_hosts');
    writeFileSync(known, `example.com,[10.0.0.1]:2222 ${type} ${key}\n`);
    keygen('-H', '-f', known);
    const hashed = readFileSync(known, 'utf8');
    expect(hashed).not.toContain('example.com');
    const shown = Buffer.from(key, 'base64');
    expect(verdict(hashed, 'example.com', shown)).toBe('known');
    expect(verdict(hashed, '[10.0.0.1]:2222', shown)).toBe('known');
    expect(verdict(hashed, 'example.org', shown)).toBe('unknown');
    expect(verdict(hashed, 'example.com', ours)).toBe('changed');
    expect(keygen('-l', '-f', `${file}.pub`)).toContain(fingerprint(shown));
    expect(keyType(shown)).toBe('ssh-ed25519');
  });

  it('pins a key once, privately, in lines that ssh-keygen can find and remove', async () => {
    const key = readFileSync(join(dir, 'key.pub'), 'utf8').split(' ')[1] ?? '';
    const pin = { host: '[10.0.0.1]:2222', type: 'ssh-ed25519', key, fingerprint: '' };
    await pinHostKey(dir, pin);
    await pinHostKey(dir, pin);
    const file = join(dir, '.portsync/known_hosts');
    expect(readFileSync(file, 'utf8')).toBe(`[10.0.0.1]:2222 ssh-ed25519 ${key}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, '.portsync')).mode & 0o777).toBe(0o700);
    const changed = pinHostKey(dir, { ...pin, key: ours.toString('base64') });
    await expect(changed).rejects.toMatchObject({ code: 'host-key-pinned' });
    keygen('-f', file, '-R', '[10.0.0.1]:2222');
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('without a project, adds to what ssh itself reads and leaves the rest as it was', async () => {
    execFileSync('mkdir', ['-p', join(dir, '.ssh')]);
    const file = join(dir, '.ssh/known_hosts');
    writeFileSync(file, '# mine', { mode: 0o644 });
    const pin = { host: 'h', type: 'ssh-ed25519', key: ours.toString('base64'), fingerprint: '' };
    await pinHostKey(null, pin, dir);
    expect(readFileSync(file, 'utf8')).toBe(`# mine\n${line('h')}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });
});
