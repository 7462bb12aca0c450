const state = globalThis as { portsyncLeaving?: boolean };

/** True once the replica was asked to go: it ends what runs, and says that it is not ready. */
export function leaving(): boolean {
  return state.portsyncLeaving ?? false;
}

/** Next.js itself answers what runs and then exits; this only tells the load balancer beforehand. */
export function watchForLeaving(): void {
  process.once('SIGTERM', () => {
    state.portsyncLeaving = true;
  });
}
