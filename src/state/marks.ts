import type { LabFigures } from '../model/lab.ts';
import { dataOf, type Reading } from '../model/reading.ts';
import type { Traffic } from '../model/traffic.ts';
import type { ReadingEvent } from './events.ts';
import type { Mark, State } from './state.ts';

type News = Omit<Mark, 'at'>;

const KEPT = 100;

/** Adds what this reading says has happened since the last one of its source. */
export function withMarks(state: State, event: ReadingEvent, at: number): readonly Mark[] {
  const news = newsOf(state, event);
  if (news.length === 0) return state.marks;
  return [...state.marks, ...news.map((item) => ({ ...item, at }))].slice(-KEPT);
}

function newsOf(state: State, event: ReadingEvent): News[] {
  if (event.pane === 'traffic') {
    const before = state.readings.traffic[event.id];
    return reach('edge', before, event.reading) ?? trafficNews(before, event.reading);
  }
  if (event.pane === 'nodes') {
    return reach(event.id, state.readings.nodes[event.id], event.reading) ?? [];
  }
  if (event.pane === 'lab') return labNews(state.readings.lab[event.id], event.reading);
  return [];
}

function reach(
  name: string,
  before: Reading<unknown> | undefined,
  after: Reading<unknown>,
): News[] | null {
  if (before?.state === 'ready' && after.state === 'stale') {
    return [{ text: `${name} does not answer`, tone: 'bad' }];
  }
  if (before?.state === 'stale' && after.state === 'ready') {
    return [{ text: `${name} answers again`, tone: 'good' }];
  }
  return null;
}

function trafficNews(before: Reading<Traffic> | undefined, after: Reading<Traffic>): News[] {
  const old = before ? dataOf(before) : null;
  const now = dataOf(after);
  if (!old || !now || old === now) return [];
  const news: News[] = [];
  if (now.serving && now.serving !== old.serving) {
    news.push({ text: `${now.serving} serves`, tone: 'good' });
  }
  if (now.held > 0 && old.held === 0) news.push({ text: 'requests held', tone: 'look' });
  if (now.held === 0 && old.held > 0) news.push({ text: 'released', tone: 'good' });
  return [...news, ...replicaNews(old, now)];
}

function replicaNews(old: Traffic, now: Traffic): News[] {
  const before = new Map(old.replicas.map((replica) => [replica.name, replica.state]));
  const after = new Map(now.replicas.map((replica) => [replica.name, replica.state]));
  const came = [...after.keys()].filter((name) => !before.has(name));
  const went = [...before.keys()].filter((name) => !after.has(name));
  const changed = [...after].filter(([name, is]) => before.has(name) && before.get(name) !== is);
  return [
    ...counted('+', came),
    ...counted('-', went),
    ...changed.map(([name, is]): News => {
      const tone = is === 'up' ? 'good' : is === 'down' ? 'bad' : 'plain';
      return { text: `${name} ${is === 'draining' ? 'drains' : is}`, tone };
    }),
  ];
}

function counted(sign: '+' | '-', names: string[]): News[] {
  if (names.length === 0) return [];
  const text = names.length === 1 ? `${sign}${names[0]}` : `${sign}${names.length} replicas`;
  return [{ text, tone: 'plain' }];
}

function labNews(before: Reading<LabFigures> | undefined, after: Reading<LabFigures>): News[] {
  const old = before ? dataOf(before) : null;
  const now = dataOf(after);
  if (!old || !now || old.spike === now.spike) return [];
  return [{ text: now.spike ? 'spike starts' : 'spike ends', tone: 'look' }];
}
