import { Box } from 'ink';
import { Line } from '../components/Line.tsx';
import type { Span } from '../components/spans.ts';
import { type Area, layoutOf } from '../state/layout.ts';
import { PANES, type PaneId, type State } from '../state/state.ts';
import { ContainersPane } from './ContainersPane.tsx';
import { DatabasePane } from './DatabasePane.tsx';
import { EnvPane } from './EnvPane.tsx';
import { NodesPane } from './NodesPane.tsx';

const TITLES: Record<PaneId, string> = {
  containers: '1 Containers',
  nodes: '2 Nodes',
  database: '3 Database',
  env: '4 .env',
};

/** Four panes at a glance; one at a time, with tabs, where four would be too small. */
export function Dashboard({ state }: { state: State }) {
  const { mode, panes } = layoutOf(state);
  const pane = (id: PaneId) => (
    <PaneOf state={state} pane={id} area={panes[id]} focused={id === state.focus} />
  );
  if (mode === 'tabs') {
    return (
      <Box flexDirection="column">
        <Line spans={tabs(state.focus)} width={state.columns} />
        {pane(state.focus)}
      </Box>
    );
  }
  return (
    <Box flexDirection="column">
      <Box>
        {pane('containers')}
        {pane('nodes')}
      </Box>
      <Box>
        {pane('database')}
        {pane('env')}
      </Box>
    </Box>
  );
}

interface PaneProps {
  state: State;
  pane: PaneId;
  area: Area;
  focused: boolean;
}

function PaneOf({ pane, ...rest }: PaneProps) {
  switch (pane) {
    case 'containers':
      return <ContainersPane {...rest} />;
    case 'nodes':
      return <NodesPane {...rest} />;
    case 'database':
      return <DatabasePane {...rest} />;
    case 'env':
      return <EnvPane {...rest} />;
  }
}

function tabs(focus: PaneId): Span[] {
  return PANES.flatMap((pane): Span[] => [
    [pane === focus ? ' ›' : '  ', 'accent'],
    [TITLES[pane], pane === focus ? 'title' : 'dim'],
  ]);
}
