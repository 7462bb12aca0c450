import type { Finding } from '../model/finding.ts';
import type { Problem } from '../model/problem.ts';
import { dataOf } from '../model/reading.ts';
import type { Event, ReadingEvent } from './events.ts';
import { chosenRow, startOfList } from './list.ts';
import { type Draft, emptyDraft, isActive, migrationOf } from './migration.ts';
import { targetBox } from './migration-target.ts';
import type { State } from './state.ts';
import { SecretField } from './text-field.ts';

export type DraftEvent = Extract<
  Event,
  {
    type:
      | 'check'
      | 'check-again'
      | 'checked'
      | 'check-dropped'
      | 'all-findings'
      | 'starting'
      | 'again';
  }
>;

export function draftEvent(state: State, event: DraftEvent): State {
  const { draft } = state;
  const look = { look: draft.look + 1, since: state.now, checked: null };
  switch (event.type) {
    case 'check':
      return checking(state, { ...draft, ...look, target: event.target, allShown: false });
    case 'check-again':
      return checking(state, { ...draft, ...look });
    case 'checked':
      return event.look === draft.look ? checked(state, event.answer) : state;
    case 'check-dropped':
      return typingAgain(state, null);
    case 'all-findings':
      return { ...state, draft: { ...draft, allShown: !draft.allShown } };
    case 'starting':
      return { ...state, draft: { ...draft, starting: event.on } };
    case 'again':
      return { ...state, draft: { ...emptyDraft, past: migrationOf(state)?.id ?? null } };
  }
}

function checking(state: State, draft: Draft): State {
  return { ...state, draft, lists: { ...state.lists, findings: startOfList } };
}

function checked(state: State, answer: Extract<DraftEvent, { type: 'checked' }>['answer']): State {
  if ('code' in answer) return typingAgain(state, answer);
  return { ...state, draft: { ...state.draft, checked: answer } };
}

/** The text box is back, with what was typed and what is wrong with it. */
function typingAgain(state: State, problem: Problem | null): State {
  const box = targetBox(new SecretField(state.draft.target?.reveal() ?? ''), problem);
  const draft = { ...emptyDraft, look: state.draft.look + 1, past: state.draft.past };
  // A box that was opened meanwhile goes: it is about findings that are no more.
  const at = state.overlays.findLastIndex(({ name }) => name === 'migrate');
  const overlays = state.overlays.slice(0, at + 1);
  return { ...state, draft, overlays: [...overlays, box] };
}

/** Once what was asked is under way, the connection string is not needed here any more. */
export function draftAfter(state: State, event: ReadingEvent): Draft {
  const { draft } = state;
  if (event.pane !== 'migration' || draft.target === null) return draft;
  const now = dataOf(event.reading);
  // Idle: it is noted down, and no process has taken it on yet.
  if (now === null || now.state === 'idle') return draft;
  const other = now.id !== migrationOf(state)?.id;
  return isActive(now) || (draft.starting && other) ? emptyDraft : draft;
}

/** A line of the preflight; `ok` stands for all that is well while they are not shown one by one. */
export type FindingRow = { id: string; finding: Finding } | { id: 'ok'; finding: null };

const ORDER = { blocker: 0, warning: 1, ok: 2 } as const;

export function findingRows({ draft }: State): FindingRow[] {
  const findings = draft.checked?.preflight.findings ?? [];
  const sorted = [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  const rows = sorted.map((finding, index) => ({
    id: `${finding.id}/${finding.object}/${index}`,
    finding,
  }));
  const wrong = rows.filter(({ finding }) => finding.severity !== 'ok');
  const well = rows.slice(wrong.length);
  const summary: FindingRow[] = well.length > 0 ? [{ id: 'ok', finding: null }] : [];
  return [...wrong, ...summary, ...(draft.allShown ? well : [])];
}

export function chosenFinding(state: State): FindingRow | null {
  const rows = findingRows(state);
  const ids = rows.map(({ id }) => id);
  return rows[chosenRow(state.lists.findings, ids)] ?? null;
}

export function counted({ draft }: State): Record<Finding['severity'], number> {
  const findings = draft.checked?.preflight.findings ?? [];
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  return { ok: count('ok'), warning: count('warning'), blocker: count('blocker') };
}
