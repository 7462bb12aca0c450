import { Box } from 'ink';
import { bytesLong, plural } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { apart, type Span } from '../components/spans.ts';
import { pad } from '../components/text.ts';
import type { MachineInfo } from '../model/project.ts';
import { MENU } from '../state/keys/menu.ts';
import { chosenRow } from '../state/list.ts';
import type { State } from '../state/state.ts';

const TITLE = 34;

/** The start on a machine without a project. */
export function Menu({ state }: { state: State }) {
  const { columns, rows, machine } = state;
  const chosen = chosenRow(
    state.lists.menu,
    MENU.map(({ id }) => id),
  );
  const right: Span[] = machine ? [[`this machine: ${machineText(machine)} `, 'dim']] : [];
  const lines: Span[][] = [
    apart([' ', ['PortSync', 'strong']], right, columns),
    [],
    [' ', ['What is this machine for?', 'strong']],
    [],
    ...MENU.flatMap(({ title, help }, index) => choice(title, help, index === chosen, columns)),
  ];
  return (
    <Box flexDirection="column" height={rows - 1}>
      <Lines rows={lines.slice(0, rows - 1)} width={columns} />
    </Box>
  );
}

function choice(title: string, help: string, chosen: boolean, columns: number): Span[][] {
  const sign: Span[] = [' ', [chosen ? '›' : ' ', 'accent'], ' '];
  const name: Span = [pad(title, TITLE), chosen ? 'title' : 'plain'];
  if (columns >= TITLE + 50) return [[...sign, name, ' ', [help, 'dim']]];
  return [[...sign, name], ['     ', [help, 'dim']], []];
}

function machineText({ cores, memoryBytes, docker }: MachineInfo): string {
  const engine = docker === null ? 'no Docker' : `Docker ${docker}`;
  return `${plural(cores, 'core')}, ${bytesLong(memoryBytes)}, ${engine}`;
}
