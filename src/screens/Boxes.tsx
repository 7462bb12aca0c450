import { plural } from '../components/format.ts';
import { hintSpans } from '../components/KeyHints.tsx';
import { Popup } from '../components/Popup.tsx';
import type { Span } from '../components/spans.ts';
import { pad, wrapped } from '../components/text.ts';
import type { EnvChange } from '../model/env.ts';
import { graphemes } from '../state/graphemes.ts';
import { type Binding, helpOf, reasonOf } from '../state/keys/binding.ts';
import { beneath, commandRows } from '../state/keys/commands.ts';
import { shown } from '../state/keys/names.ts';
import { pageOf } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import type { Overlay, State } from '../state/state.ts';
import type { Field } from '../state/text-field.ts';
import { changeSpans } from './change-spans.ts';

/** Text being typed, with the cursor in it. */
export function fieldSpans(field: Field): Span[] {
  const parts = graphemes(field.text);
  return [
    parts.slice(0, field.cursor).join(''),
    [parts[field.cursor] ?? ' ', 'inverse'],
    parts.slice(field.cursor + 1).join(''),
  ];
}

type Asking = Extract<Overlay, { name: 'confirm' | 'confirmName' }>;

/** Asks before anything starts or stops; says what happens, what is kept and how to go back. */
export function ConfirmBox({ state, box }: { state: State; box: Asking }) {
  const width = Math.min(70, state.columns);
  const { title, changes = [], steps = [], warnings = [], kept, back } = box.question;
  const text = (label: string, words: string): Span[][] =>
    wrapped(words, width - 14).map((line, index) => [
      [pad(index === 0 ? label : '', 8), 'dim'],
      line,
    ]);
  const rest: Span[][] = [
    ...steps.flatMap((step, index) => text(String(index + 1).padStart(2), step)),
    ...(steps.length > 0 ? [[]] : []),
    ...warnings.flatMap((warning) => text('look', warning)),
    ...text('kept', kept),
    ...text('back', back),
    [],
    ...(box.name === 'confirmName' ? [...typedName(box), []] : []),
    hintSpans(state, width - 6),
  ];
  const rows = [[], ...differences(changes, state.rows - rest.length - AROUND), ...rest];
  return <Popup title={title} rows={rows} width={width} over={state} />;
}

/** The box's frame, a blank line at the top and one behind the differences, and the line that tells of more. */
const AROUND = 5;
const CHANGES_SHOWN = 8;

function differences(changes: readonly EnvChange[], room: number): Span[][] {
  if (changes.length === 0) return [];
  const seen = changes.slice(0, Math.min(CHANGES_SHOWN, Math.max(1, room)));
  const label = Math.min(30, Math.max(...seen.map(({ key }) => key.length)));
  const rest = changes.length - seen.length;
  const more: Span[][] = rest > 0 ? [[[`and ${plural(rest, 'more key')}`, 'dim']]] : [];
  return [...seen.map((change) => changeSpans(change, label)), ...more, []];
}

function typedName({ question, field }: Extract<Asking, { name: 'confirmName' }>): Span[][] {
  return [[`type ${question.name} `, ['› ', 'accent'], ...fieldSpans(field)]];
}

export function AddressBox({ state, field }: { state: State; field: Field }) {
  const width = Math.min(66, state.columns);
  const rows: Span[][] = [
    [],
    [['› ', 'accent'], ...fieldSpans(field)],
    [],
    ...wrapped('user@host or user@host:port, or a name from your SSH config.', width - 6).map(
      (line): Span[] => [[line, 'dim']],
    ),
  ];
  return <Popup title="Watch an app on another machine" rows={rows} width={width} over={state} />;
}

/** Everything that can be done here, found by its name. */
export function Palette({ state, field }: { state: State; field: Field }) {
  const width = Math.min(84, state.columns);
  const page = pageOf(state, 'palette');
  const under = beneath(state);
  const seen = inSight(commandRows(state), (row) => row.id, state.lists.palette, page);
  const rows = seen.rows.map((row, index) => command(row, under, index === seen.chosen, width - 6));
  const none: Span[][] = rows.length > 0 ? [] : [[[`nothing is called “${field.text}”`, 'dim']]];
  const blank = Array.from({ length: page - rows.length - none.length }, (): Span[] => []);
  const typed: Span[] = [[': ', 'accent'], ...fieldSpans(field)];
  return (
    <Popup
      title="Commands"
      rows={[typed, [], ...rows, ...none, ...blank]}
      width={width}
      over={state}
      top={1}
    />
  );
}

function command(row: Binding, state: State, chosen: boolean, width: number): Span[] {
  const why = reasonOf(row, state);
  const tone = why === null ? (chosen ? 'title' : 'plain') : 'dim';
  return [
    [chosen ? '› ' : '  ', 'accent'],
    [pad(sentence(row, state, why), width - 12), tone],
    [pad(keysOf(row), 10, 'right'), why === null ? 'accent' : 'dim'],
  ];
}

export function sentence(row: Binding, state: State, why: string | null): string {
  return why === null ? helpOf(row, state) : `${helpOf(row, state)} (${why})`;
}

export function keysOf(row: Binding): string {
  return row.keys.slice(0, 2).map(shown).join(' ');
}
