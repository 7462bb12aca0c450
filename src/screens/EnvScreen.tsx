import { Box } from 'ink';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { chopped, wrapped } from '../components/text.ts';
import type { EnvVersion } from '../model/env.ts';
import { dataOf } from '../model/reading.ts';
import { only } from '../state/joins.ts';
import { type Area, zoomAreas } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import { clean } from '../state/logs.ts';
import type { State } from '../state/state.ts';
import { changeRows, chosenVersion } from '../state/versions.ts';
import { changeSpans } from './change-spans.ts';
import { EnvPane } from './EnvPane.tsx';
import { placeRows } from './place-rows.ts';

/** Versions left; right what the chosen one changed, masked. */
export function EnvScreen({ state, area }: { state: State; area: Area }) {
  const { list, detail } = zoomAreas(area, 'env');
  const version = chosenVersion(state);
  const { side } = state.env;
  const places = placesSeen(state, detail);
  return (
    <Box>
      <EnvPane state={state} area={list} focused={side === 'versions'} title="Versions of .env" />
      {places === null ? (
        <Pane title="What changed" {...detail} focused={side === 'changes'}>
          {version && <Changes state={state} version={version} area={detail} />}
        </Pane>
      ) : (
        <Pane title="Where it runs" {...detail} focused={false}>
          <Lines rows={places} width={detail.width - 2} />
        </Pane>
      )}
    </Box>
  );
}

function placesSeen(state: State, { width, height }: Area): Span[][] | null {
  const { places } = state.env;
  if (places === null) return null;
  if (places === 'reading') return [[[' ◌ asking every machine …', 'dim']]];
  const versions = dataOf(only(state, 'env'))?.versions ?? [];
  return placeRows(places, versions, width - 2, height - 2);
}

interface ChangesProps {
  state: State;
  version: EnvVersion;
  area: Area;
}

function Changes({ state, version, area }: ChangesProps) {
  const width = area.width - 2;
  const about: Span[][] = [
    ...wrapped(version.reason, width - 2, 2).map((text): Span[] => [' ', text]),
    [[` ${version.author} on ${version.host}`, 'dim']],
    [],
  ];
  const room = Math.max(1, area.height - 2 - about.length - REVEALED_ROWS);
  const rows = [...about, ...listed(state, width, room)];
  const blank = Array.from(
    { length: Math.max(0, area.height - 2 - REVEALED_ROWS - rows.length) },
    () => [],
  );
  return <Lines rows={[...rows, ...blank, ...revealed(state, width)]} width={width} />;
}

const REVEALED_ROWS = 3;

function listed(state: State, width: number, room: number): Span[][] {
  const { problem, side } = state.env;
  if (problem) {
    const words = [problem.message, problem.why, problem.next].filter(Boolean).join(' ');
    return wrapped(words, width - 2, 4).map((text): Span[] => [' ', [text, 'bad']]);
  }
  const changes = changeRows(state);
  if (changes === null) return [[[' ◌ reading …', 'dim']]];
  if (changes.length === 0) return [[[' no key differs from the version before', 'dim']]];
  const seen = inSight(changes, (change) => change.key, state.lists.changes, room);
  const label = Math.min(24, Math.max(...changes.map(({ key }) => key.length)));
  return seen.rows.map((change, index) => {
    const chosen = side === 'changes' && index === seen.chosen;
    return [[chosen ? '›' : ' ', 'accent'], ...changeSpans(change, label)];
  });
}

function revealed(state: State, width: number): Span[][] {
  const { revealed: seen } = state.env;
  if (!seen) return [];
  const left = Math.max(1, Math.ceil((seen.until - state.now) / 1000));
  const value = seen.value ?? '(not set in this version)';
  return [
    [
      [` ${seen.key}`, 'strong'],
      [`  hidden again in ${left} s`, 'dim'],
    ],
    ...chopped(clean(value), width - 2).map((text): Span[] => [' ', [text, 'look']]),
  ];
}
