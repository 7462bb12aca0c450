/**
 * How long to leave a host alone after the `failures`-th failed connection in a row, in ms. A
 * refused login is repeated rarely: fail2ban counts. A host key is decided by a person, who must
 * not have to wait afterwards.
 */
export function retryDelay(code: string, failures: number): number {
  if (code.startsWith('host-key') || code.startsWith('ssh-config')) return 0;
  const [first, longest] = code === 'ssh-auth-failed' ? [15_000, 300_000] : [500, 15_000];
  return Math.min(first * 2 ** (failures - 1), longest);
}
