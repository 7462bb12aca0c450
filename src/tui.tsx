import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError } from './errors.ts';
import type { Actions, SetupActions } from './model/actions.ts';
import type { MachineInfo } from './model/project.ts';
import { App } from './screens/App.tsx';
import { beginSession, type Session } from './session.ts';
import type { Opening } from './state/effects.ts';
import { mountFullScreen, type ScreenExit } from './terminal/full-screen.tsx';

/** How the dashboard was left: `open` is what was chosen on the start menu. */
export type Leaving = ScreenExit | { kind: 'open'; opening: Opening };

/** The first frame waits so long for something to show. */
const PATIENCE_MS = 300;

/** Shows what is seen in `session`, full-screen, until it is left. */
export async function showDashboard(session: Session, actions: Actions): Promise<Leaving> {
  const { store } = session;
  await Promise.race([session.seen, sleep(PATIENCE_MS)]);
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
  session.drawn();
  try {
    const exit = await screen.waitUntilExit();
    return chosen ? { kind: 'open', opening: chosen } : exit;
  } finally {
    session.end();
  }
}

/** The start menu, for a machine without a project. */
export function showMenu(
  machine: MachineInfo,
  setup: SetupActions,
  readOnly: boolean,
): Promise<Leaving> {
  const session = beginSession({ project: null, machine, readOnly }, null);
  return showDashboard(session, { ...NOTHING_TO_DO, setup });
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
