import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import { expect, vi } from 'vitest';
import { PasteProvider, type PasteSource } from '../../src/components/paste.tsx';
import { ExternalError } from '../../src/errors.ts';
import type {
  Actions,
  LabActions,
  MigrationActions,
  SetupActions,
  StackActions,
} from '../../src/model/actions.ts';
import type { LogLine } from '../../src/model/container.ts';
import { App } from '../../src/screens/App.tsx';
import type { Opening } from '../../src/state/effects.ts';
import type { State } from '../../src/state/state.ts';
import { createStore } from '../../src/state/store.ts';
import { envChanges, envPlaces, restorePlan } from './fixtures.ts';

interface Possible {
  lab?: LabActions | null;
  migration?: MigrationActions | null;
  setup?: SetupActions | null;
  stack?: StackActions | null;
}

/** Actions that note what they were asked, and do it when told to. */
function outside({ lab = null, migration = null, setup = null, stack = null }: Possible) {
  const asked: string[] = [];
  const opened: Opening[] = [];
  const note = (what: string) => async () => void asked.push(what);
  const followed: { signal: AbortSignal | null } = { signal: null };
  const actions: Actions = {
    startContainer: async ({ name }) => void asked.push(`start ${name}`),
    stopContainer: async ({ name }) => void asked.push(`stop ${name}`),
    restartContainer: async ({ name }) => {
      throw new ExternalError({
        code: 'engine-down',
        message: `${name} could not be restarted.`,
        why: 'The engine does not answer.',
        next: 'Start the engine.',
      });
    },
    async *logs(_container, _options, signal): AsyncIterable<LogLine> {
      followed.signal = signal;
      yield { at: null, stream: 'stdout', text: 'ready to serve' };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
    saveLogs: async ({ name }, lines) => `.portsync/logs/${name}-${lines.length}.log`,
    envChanges: async () => envChanges,
    envReveal: async (id, key) => `${id} ${key} in the clear`,
    envPlaces: async () => envPlaces,
    envRestorePlan: async () => restorePlan,
    envRestore: async (id, report) => {
      report('start 3 green replicas');
      asked.push(`restore ${id}`);
    },
    lab,
    migration,
    setup,
    stack,
  };
  const quit = vi.fn(note('quit'));
  return { asked, opened, actions, followed, quit };
}

/** The app as it runs, with this state to begin with. */
export function shownFrom(state: State, possible: Possible = {}) {
  const store = createStore({ ...state, now: Date.now() });
  const world = outside(possible);
  const paste: { listener: (text: string) => void } = { listener: () => undefined };
  const source: PasteSource = (listener) => {
    paste.listener = listener;
    return () => undefined;
  };
  const screen = render(
    <PasteProvider value={source}>
      <App
        store={store}
        actions={world.actions}
        onQuit={world.quit}
        onRepaint={() => world.asked.push('repaint')}
        onCopy={(text) => world.asked.push(`copy ${text}`)}
        onOpen={(opening) => world.opened.push(opening)}
      />
    </PasteProvider>,
  );
  const text = () => stripVTControlCharacters(screen.lastFrame() ?? '');
  return {
    ...world,
    store,
    text,
    paste: (pasted: string) => paste.listener(pasted),
    /** One key after the other, each after what the last one led to. */
    async press(...keys: string[]) {
      for (const key of keys) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        screen.stdin.write(key);
      }
    },
    sees: (words: string) => vi.waitFor(() => expect(text()).toContain(words), 5000),
  };
}
