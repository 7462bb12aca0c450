import { Box } from 'ink';
import { elapsed } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import { apart, type Span } from '../components/spans.ts';
import { maskUrl, placeIn } from '../model/mask-url.ts';
import { type Area, pageOf, preflightAreas } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import { chosenFinding, counted, findingRows } from '../state/migration-draft.ts';
import type { State } from '../state/state.ts';
import { scrollNote } from './notes.ts';
import { cureRows, findingSpans, needsRows } from './preflight-rows.ts';

/** What was found, and what moving needs; nothing has been changed yet. */
export function MigratePreflight({ state, area }: { state: State; area: Area }) {
  const { list, detail } = preflightAreas(area);
  if (!state.draft.checked) return <Looking state={state} area={area} />;
  return (
    <Box flexDirection="column">
      <Findings state={state} area={list} />
      {detail.height > 0 && <Cure state={state} area={detail} focused={false} />}
    </Box>
  );
}

function Looking({ state, area }: { state: State; area: Area }) {
  const { target, since } = state.draft;
  const shown = target ? maskUrl(target.reveal()).text : '';
  const rows: Span[][] = [
    [],
    [[' ◌ ', 'accent'], ['Looking at both servers …', 'strong'], `  ${elapsed(state.now - since)}`],
    ['   ', [shown, 'dim']],
    [],
    ['   ', ['Nothing is changed by it. esc stops it.', 'dim']],
  ];
  return (
    <Pane title="Move the database" note={[['· preflight', 'dim']]} {...area} focused>
      <Lines rows={rows} width={area.width - 2} />
    </Pane>
  );
}

function Findings({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const { checked } = state.draft;
  const seen = inSight(
    findingRows(state),
    ({ id }) => id,
    state.lists.findings,
    pageOf(state, 'findings'),
  );
  const found = seen.rows.map((row, index) =>
    findingSpans(row, counted(state).ok, index === seen.chosen),
  );
  const needs = checked ? needsRows(checked.preflight, width) : [];
  const rows = [headline(state, width), startRow(state), [], ...found, [], ...needs];
  return (
    <Pane
      title="Move the database"
      note={[['· preflight', 'dim'], ...scrollNote(seen)]}
      {...area}
      focused
    >
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

/** `14 ok · 2 look · 1 blocks`, and of which server. */
function headline(state: State, width: number): Span[] {
  const { ok, warning, blocker } = counted(state);
  const counts: Span[] = [
    ' ',
    [`${ok} ok`, 'strong'],
    ' · ',
    [`${warning} look`, warning > 0 ? 'look' : 'dim'],
    ' · ',
    [`${blocker} ${blocker === 1 ? 'blocks' : 'block'}`, blocker > 0 ? 'bad' : 'dim'],
  ];
  return apart(counts, [[`→ ${placeIn(state.draft.checked?.target ?? '')} `, 'dim']], width);
}

function startRow(state: State): Span[] {
  if (state.draft.starting) return [[' ◌ ', 'accent'], 'Starting …'];
  return counted(state).blocker > 0
    ? [[' It cannot start before what blocks is cured; r looks again.', 'look']]
    : [' ', ['s', 'accent'], [' starts; nothing of yours is changed before the cut-over.', 'dim']];
}

/** Why the chosen finding matters, and its cure. */
export function Cure({ state, area, focused }: { state: State; area: Area; focused: boolean }) {
  const row = chosenFinding(state);
  const note: Span[] = row?.finding ? [[`· ${row.finding.object}`, 'dim']] : [];
  return (
    <Pane title="Why, and the cure" note={note} {...area} focused={focused}>
      <Lines
        rows={cureRows(row, area.width - 2).slice(0, area.height - 2)}
        width={area.width - 2}
      />
    </Pane>
  );
}
