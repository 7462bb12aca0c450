import { plural } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { mark, toneFor } from '../components/state-mark.ts';
import { pad, wrapped } from '../components/text.ts';
import { emptyRows } from '../components/trouble.ts';
import type { Area } from '../state/layout.ts';
import { allNodes } from '../state/nodes.ts';
import type { State } from '../state/state.ts';

/** The machines that are known, and plainly that adding one is not there yet. */
export function AddNode({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const rows = [[], ...nodeRows(state, width), [], ...notYet(ADD_NODE, width)];
  return (
    <Pane title="Add a node" {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

const ADD_NODE = [
  'Adding a machine is not in this version yet.',
  'When it is: give an address here, and within a minute the new machine serves requests. Until then, machines listed under “nodes” in portsync.yaml are watched.',
];

function nodeRows(state: State, width: number): Span[][] {
  const nodes = allNodes(state);
  if (nodes.length === 0) return emptyRows(Object.values(state.readings.nodes), width);
  return [
    [' ', ['Known nodes', 'strong']],
    ...nodes.map((node): Span[] => [
      ' ',
      mark(node.condition),
      ` ${pad(node.name, 16)} `,
      [pad(node.word, 12), toneFor(node.condition)],
      [` ${pad(node.figures?.address ?? '', 22)}`, 'dim'],
      [node.traffic ? ` ${plural(node.traffic.replicas, 'replica')}` : '', 'dim'],
    ]),
  ];
}

const JOIN = {
  title: 'Scaling & Advanced Env Management',
  text: [
    'Joining an app that runs elsewhere is not in this version yet.',
    'When it is: this machine becomes a web node of that app, with its settings kept in step. Until then: choose Dashboard to watch that app from here over SSH.',
  ],
};

/** A choice of the start menu that leads nowhere yet, said so. */
export function SoonScreen({ area }: { area: Area }) {
  const width = area.width - 2;
  const { title, text } = JOIN;
  return (
    <Pane title={title} {...area} focused>
      <Lines rows={[[], ...notYet(text, width)].slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function notYet([first = '', ...rest]: readonly string[], width: number): Span[][] {
  const most = Math.min(width - 2, 76);
  return [
    ...wrapped(first, most).map((line): Span[] => [' ', [line, 'strong']]),
    ...rest.flatMap((text) => wrapped(text, most).map((line): Span[] => [' ', [line, 'dim']])),
  ];
}
