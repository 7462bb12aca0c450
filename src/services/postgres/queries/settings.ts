/**
 * Goes first in every message of the probe. Several statements in one message are one transaction,
 * so these hold for it alone: nothing is left in a session that a pooler may give to others next.
 */
export function settings(limitMs: number): string {
  const values = {
    transaction_read_only: 'on',
    search_path: 'pg_catalog',
    statement_timeout: `${limitMs}ms`,
    lock_timeout: '200ms',
    idle_in_transaction_session_timeout: '5s',
    // Views like these look dear to the planner; compiling them costs ten times their run.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
  };
  const calls = Object.entries(values).map(([name, value]) => {
    return `pg_catalog.set_config('${name}', '${value}', true)`;
  });
  return `select ${calls.join(', ')}`;
}
