import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseAddress } from '../../src/services/ssh/address.ts';
import { resolveHost } from '../../src/services/ssh/config.ts';

describe('an SSH address', () => {
  it('is what ssh accepts', () => {
    const at = (user: string | null, host: string, port: number | null) => ({ user, host, port });
    expect(parseAddress('fra-2')).toEqual(at(null, 'fra-2', null));
    expect(parseAddress('root@10.0.0.1')).toEqual(at('root', '10.0.0.1', null));
    expect(parseAddress('root@fra-2:2222')).toEqual(at('root', 'fra-2', 2222));
    expect(parseAddress('ssh://root@fra-2:2222/')).toEqual(at('root', 'fra-2', 2222));
    expect(parseAddress('root@[fe80::1]:22')).toEqual(at('root', 'fe80::1', 22));
    expect(parseAddress('root@2001:db8::1')).toEqual(at('root', '2001:db8::1', null));
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      ' ',
      'a b',
      '-oProxyCommand=x',
      'u@-x',
      'h:0',
      'h:70000',
      'h:x',
      'a@b@c',
      'h/x',
      'u@[',
    ]) {
      expect(() => parseAddress(text), text).toThrow(UsageError);
    }
  });
});

describe('the SSH configuration', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'portsync-ssh-'));
    mkdirSync(join(home, '.ssh'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const write = (text: string, name = 'config') => writeFileSync(join(home, '.ssh', name), text);
  const resolve = (address: string) => resolveHost(address, { home, agentSocket: '/agent' });

  it('has the defaults of ssh where it says nothing', () => {
    expect(resolve('example.com')).toMatchObject({
      host: 'example.com',
      port: 22,
      user: userInfo().username,
      keyAlias: null,
      keyFiles: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((key) => join(home, '.ssh', key)),
      keyFilesOnly: false,
      agent: '/agent',
      jumps: [],
    });
    expect(resolve('example.com').knownHosts).toContain(join(home, '.ssh/known_hosts'));
    expect(resolve('example.com').knownHosts).toContain('/etc/ssh/ssh_known_hosts');
  });

  it('is applied to an alias, the first value winning, and the address before it', () => {
    write(`
Host fra-*  !fra-9
  HostName %h.example.com
  User deploy
  port=2222
  IdentityFile ~/.ssh/%r_%h
  IdentityFile "/keys/with space"
  IdentitiesOnly yes
  HostKeyAlias fleet
  UserKnownHostsFile ~/.ssh/a ~/.ssh/b
  ProxyJump root@one:23,two
Host *
  User other
  Port 9
`);
    const found = resolve('fra-2');
    expect(found).toMatchObject({
      host: 'fra-2.example.com',
      port: 2222,
      user: 'deploy',
      keyAlias: 'fleet',
      keyFiles: [join(home, '.ssh/deploy_fra-2.example.com'), '/keys/with space'],
      keyFilesOnly: true,
      jumps: ['root@one:23', 'two'],
    });
    expect(found.knownHosts.slice(0, 2)).toEqual([join(home, '.ssh/a'), join(home, '.ssh/b')]);
    expect(resolve('me@fra-2:7')).toMatchObject({ user: 'me', port: 7 });
    expect(resolve('fra-9')).toMatchObject({ host: 'fra-9', user: 'other', port: 9, jumps: [] });
  });

  it('may be spread over included files', () => {
    mkdirSync(join(home, '.ssh/config.d'));
    write('Include config.d/*.conf\nHost *\n  User last\n');
    write('Host web\n  HostName 10.0.0.9\n', 'config.d/10.conf');
    write('Include ~/.ssh/config.d/10.conf\nHost web\n  User first\n', 'config.d/20.conf');
    write('Host web\n  User never\n', 'config.d/notes.txt');
    expect(resolve('web')).toMatchObject({ host: '10.0.0.9', user: 'first' });
  });

  it('can turn the agent off, or name another', () => {
    write(
      'Host a\n IdentityAgent none\nHost b\n IdentityAgent ~/agent.sock\nHost c\n IdentityFile none\n',
    );
    expect(resolve('a').agent).toBeNull();
    expect(resolve('b').agent).toBe(join(home, 'agent.sock'));
    expect(resolve('c').keyFiles).toEqual([]);
    expect(resolveHost('d', { home, agentSocket: null }).agent).toBeNull();
  });

  it('is refused with a reason where it cannot be followed', () => {
    const code = (text: string, address = 'h') => {
      write(text);
      try {
        return resolve(address).host;
      } catch (error) {
        return (error as UsageError).code;
      }
    };
    expect(code('Host h\n ProxyCommand nc %h %p\n')).toBe('ssh-proxy-command');
    expect(code('Host h\n ProxyCommand none\n')).toBe('h');
    expect(code('Host h\n Port many\n')).toBe('ssh-config-invalid');
    expect(code('Host h\n IdentityFile "open\n')).toBe('ssh-config-invalid');
    const gone = () => resolveHost('h', { home, configFile: join(home, 'gone') });
    expect(gone).toThrow(expect.objectContaining({ code: 'ssh-config-unreadable' }));
  });
});
