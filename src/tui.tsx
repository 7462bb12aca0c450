import { CancelledError } from './errors.ts';
import type { Actions } from './model/actions.ts';
import type { MachineInfo } from './model/project.ts';
import { App } from './screens/App.tsx';
import type { Watch } from './services/project/watch.ts';
import type { Opening } from './state/effects.ts';
import { initialState } from './state/state.ts';
import { createStore } from './state/store.ts';
import { startWatching } from './state/watching.ts';
import { mountFullScreen, type ScreenExit } from './terminal/full-screen.tsx';

/** How the dashboard was left: `open` is what was chosen on the start menu. */
export type Leaving = ScreenExit | { kind: 'open'; opening: Opening };

/** Shows what `watch` reads, full-screen, until it is left. */
export function showDashboard(watch: Watch): Promise<Leaving> {
  return show(watch, null);
}

/** The start menu, for a machine without a project. */
export function showMenu(machine: MachineInfo): Promise<Leaving> {
  return show(null, machine);
}

async function show(watch: Watch | null, machine: MachineInfo | null): Promise<Leaving> {
  const { columns = 80, rows = 24 } = process.stdout;
  const project = watch?.info ?? null;
  const store = createStore(initialState({ project, machine, columns, rows, now: Date.now() }));
  let chosen: Opening | null = null;
  const screen = mountFullScreen(
    <App
      store={store}
      actions={watch?.actions ?? NOTHING_TO_DO}
      onQuit={() => screen.unmount()}
      onRepaint={() => screen.repaint()}
      onCopy={(text) => screen.copy(text)}
      onOpen={(opening) => {
        chosen = opening;
        screen.unmount();
      }}
    />,
    // The skeleton that bin/ drew while this was loading is on the alternate screen already.
    { entered: process.listenerCount('portsync:mounted' as never) > 0 },
  );
  process.emit('portsync:mounted' as never);
  const left = new AbortController();
  if (watch) startWatching(watch, store.dispatch, left.signal);
  try {
    const exit = await screen.waitUntilExit();
    return chosen ? { kind: 'open', opening: chosen } : exit;
  } finally {
    left.abort();
  }
}

const refuse = async () => {
  throw new CancelledError();
};

/** The start menu has nothing to act on. */
const NOTHING_TO_DO: Actions = {
  startContainer: refuse,
  stopContainer: refuse,
  restartContainer: refuse,
  logs: async function* () {},
  saveLogs: refuse,
  envChanges: refuse,
  envReveal: refuse,
  envRestorePlan: refuse,
  envRestore: refuse,
  lab: null,
  migration: null,
};
