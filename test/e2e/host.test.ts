import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith } from '../rig/needs.ts';
import { openTerminal } from '../rig/pty.ts';
import { sshClient } from '../rig/ssh-client.ts';
import { keygenNeed, sshdNeed, startSshd } from '../rig/sshd.ts';

const PORTSYNC = new URL('../../bin/portsync.js', import.meta.url).pathname;
const need = sshdNeed.missing ? sshdNeed : keygenNeed;

describeWith(need, 'a machine that is watched over SSH for the first time', () => {
  it('shows its fingerprint, asks for the passphrase once, and then its figures', async () => {
    const sshd = await startSshd();
    const client = await sshClient();
    const key = await sshd.addKey('locked', 'open sesame');
    await client.config(`IdentityFile ${key}\nIdentitiesOnly yes\n`);
    const terminal = openTerminal({
      command: process.execPath,
      args: [PORTSYNC, 'tui', '--host', sshd.address],
      env: { HOME: client.home, SSH_AUTH_SOCK: undefined },
    });
    try {
      await terminal.waitFor(/SHA256:/);
      terminal.write('y\r');
      await terminal.waitFor(/Passphrase of/);
      terminal.write('open sesame\r');
      await terminal.waitFor(/2 Nodes · 1 up/);
      expect(terminal.screen().join('\n')).not.toContain('sesame');
      const known = await readFile(join(client.home, '.ssh', 'known_hosts'), 'utf8');
      expect(known).toMatch(/^\[127\.0\.0\.1\]:\d+ ssh-/);
      terminal.write('q');
      expect((await terminal.exited).code).toBe(0);
    } finally {
      await terminal.kill();
      await sshd.remove();
      await client.remove();
    }
  });
});
