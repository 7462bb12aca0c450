import { CancelledError } from './errors.ts';
import type { Actions, SetupActions } from './model/actions.ts';
import type { MachineInfo } from './model/project.ts';
import type { Sources } from './ports/sources.ts';
import { App } from './screens/App.tsx';
import type { Watch } from './services/project/watch.ts';
import type { Opening } from './state/effects.ts';
import type { Event } from './state/events.ts';
import { type Beginning, initialState } from './state/state.ts';
import { createStore } from './state/store.ts';
import { startWatching } from './state/watching.ts';
import { mountFullScreen, type ScreenExit } from './terminal/full-screen.tsx';

/** How the dashboard was left: `open` is what was chosen on the start menu. */
export type Leaving = ScreenExit | { kind: 'open'; opening: Opening };

/** Shows what `watch` reads, full-screen, until it is left; `start` happens before the first frame. */
export function showDashboard(watch: Watch, start: readonly Event[] = []): Promise<Leaving> {
  return show({ project: watch.info, machine: null }, watch.actions, watch, start);
}

/** The start menu, for a machine without a project. */
export function showMenu(
  machine: MachineInfo,
  setup: SetupActions,
  readOnly: boolean,
): Promise<Leaving> {
  return show({ project: null, machine, readOnly }, { ...NOTHING_TO_DO, setup }, null, []);
}

async function show(
  beginning: Omit<Beginning, 'columns' | 'rows' | 'now'>,
  actions: Actions,
  sources: Sources | null,
  start: readonly Event[],
): Promise<Leaving> {
  const { columns = 80, rows = 24 } = process.stdout;
  const store = createStore(initialState({ ...beginning, columns, rows, now: Date.now() }));
  for (const event of start) store.dispatch(event);
  let chosen: Opening | null = null;
  const screen = mountFullScreen(
    <App
      store={store}
      actions={actions}
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
  if (sources) startWatching(sources, store.dispatch, left.signal);
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
  envPlaces: refuse,
  envRestorePlan: refuse,
  envRestore: refuse,
  lab: null,
  migration: null,
  setup: null,
  stack: null,
};
