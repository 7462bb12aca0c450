import { Box } from 'ink';
import { useSyncExternalStore } from 'react';
import { KeyHints } from '../components/KeyHints.tsx';
import { Line } from '../components/Line.tsx';
import type { Span } from '../components/spans.ts';
import { ToastLine } from '../components/ToastLine.tsx';
import type { Outside } from '../state/effects.ts';
import { idsOf } from '../state/ids.ts';
import { LEAST, layoutOf } from '../state/layout.ts';
import { logLines, logsOf } from '../state/logs.ts';
import { isHeld } from '../state/migration.ts';
import { type Overlay, type State, screenOf, topOf } from '../state/state.ts';
import type { Store } from '../state/store.ts';
import { chosenVersion } from '../state/versions.ts';
import { AddressBox, ConfirmBox, fieldSpans, Palette } from './Boxes.tsx';
import { ContainerScreen } from './ContainerScreen.tsx';
import { Dashboard } from './Dashboard.tsx';
import { DatabaseScreen } from './DatabaseScreen.tsx';
import { EnvScreen } from './EnvScreen.tsx';
import { Header } from './Header.tsx';
import { Help } from './Help.tsx';
import { useClock, useEnvChanges, useKeys, useLogs, useSize } from './hooks.ts';
import { Logs } from './Logs.tsx';
import { Menu } from './Menu.tsx';
import { Migrate } from './Migrate.tsx';
import { Cure } from './MigratePreflight.tsx';
import { MigrateProof } from './MigrateProof.tsx';
import { usePauseClock, usePreflight } from './migrate-hooks.ts';
import { NodeScreen } from './NodeScreen.tsx';
import { AddNode, SoonScreen } from './Plans.tsx';
import { Resize } from './Resize.tsx';
import { Setup, SetupPlanScreen } from './Setup.tsx';
import { Stack } from './Stack.tsx';
import { useSetupPlan, useStackPlan } from './starter-hooks.ts';
import { TrafficGraph } from './TrafficGraph.tsx';

interface Props extends Outside {
  store: Store;
}

/** The root: draws the state, turns keys into events and effects, follows what is open. */
export function App({ store, ...outside }: Props) {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const screen = screenOf(state);
  const version = screen?.name === 'zoom' && screen.pane === 'env' ? chosenVersion(state) : null;
  useClock(store);
  useSize(store);
  useKeys(store, outside);
  useLogs(store, outside.actions, logsOf(state)?.container ?? null);
  useEnvChanges(store, outside.actions, version?.id ?? null);
  usePreflight(store, outside.actions, state.draft);
  useSetupPlan(store, outside.actions, state.setup);
  useStackPlan(store, outside.actions, state.stack);
  usePauseClock(store, isHeld(state));
  return <Screen state={state} />;
}

/** The whole dashboard as a function of its state. */
export function Screen({ state }: { state: State }) {
  const { columns, rows } = state;
  const screen = screenOf(state);
  const menu = screen === null && state.project === null;
  if (columns < LEAST.columns || rows < LEAST.rows) {
    return <Line spans={[`needs ${LEAST.columns}×${LEAST.rows}`]} width={columns} />;
  }
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      {menu ? <Menu state={state} /> : <Watching state={state} screen={screen} />}
      <BottomBar state={state} />
      <ToastLine state={state} />
      <OnTop state={state} />
    </Box>
  );
}

function Watching({ state, screen }: { state: State; screen: Overlay | null }) {
  const { header, body } = layoutOf(state);
  return (
    <>
      <Header state={state} />
      {header > 1 && <TrafficGraph state={state} height={header - 1} />}
      <Box flexDirection="column" height={body.height}>
        <Body state={state} screen={screen} />
      </Box>
    </>
  );
}

function Body({ state, screen }: { state: State; screen: Overlay | null }) {
  const { body: area } = layoutOf(state);
  switch (screen?.name) {
    case 'zoom':
      return <Zoomed state={state} pane={screen.pane} />;
    case 'logs':
      return <Logs logs={screen.logs} area={area} />;
    case 'resize':
      return <Resize state={state} area={area} />;
    case 'migrate':
      return <Migrate state={state} area={area} />;
    case 'finding':
      return <Cure state={state} area={area} focused />;
    case 'proof':
      return <MigrateProof state={state} area={area} />;
    case 'addNode':
      return <AddNode state={state} area={area} />;
    case 'setup':
      return <Setup state={state} area={area} />;
    case 'setupPlan':
      return <SetupPlanScreen state={state} area={area} />;
    case 'stack':
      return <Stack state={state} area={area} />;
    case 'soon':
      return <SoonScreen area={area} />;
    case 'help':
      return <Help state={state} area={area} />;
    default:
      return <Dashboard state={state} />;
  }
}

function Zoomed({ state, pane }: { state: State; pane: State['focus'] }) {
  const { body: area } = layoutOf(state);
  switch (pane) {
    case 'containers':
      return <ContainerScreen state={state} area={area} />;
    case 'nodes':
      return <NodeScreen state={state} area={area} />;
    case 'database':
      return <DatabaseScreen state={state} area={area} />;
    case 'env':
      return <EnvScreen state={state} area={area} />;
  }
}

function OnTop({ state }: { state: State }) {
  const top = topOf(state);
  switch (top?.name) {
    case 'confirm':
    case 'confirmName':
      return <ConfirmBox state={state} box={top} />;
    case 'palette':
      return <Palette state={state} field={top.field} />;
    case 'address':
      return <AddressBox state={state} field={top.field} />;
    default:
      return null;
  }
}

function BottomBar({ state }: { state: State }) {
  const top = topOf(state);
  // A box that asks has its keys in it.
  if (top?.name === 'confirm' || top?.name === 'confirmName') {
    return <Line spans={[]} width={state.columns} />;
  }
  if (top?.name !== 'filter') return <KeyHints state={state} />;
  const spans: Span[] = [
    [' / ', 'accent'],
    ...fieldSpans(top.field),
    [`  ${matching(state, top.list)}   `, 'dim'],
    ['enter', 'accent'],
    ' keep  ',
    ['esc', 'accent'],
    ' as before',
  ];
  return <Line spans={spans} width={state.columns} />;
}

function matching(state: State, list: Extract<Overlay, { name: 'filter' }>['list']): string {
  const logs = list === 'logs' ? logsOf(state) : null;
  const found = logs ? logLines(logs).length : list === 'logs' ? 0 : idsOf(state, list).length;
  return `${found} found`;
}
