export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { watchForLeaving } = await import('./lib/leaving.ts');
  watchForLeaving();
}
