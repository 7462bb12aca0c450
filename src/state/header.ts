import type { Condition } from './containers.ts';
import { allContainers } from './containers.ts';
import { only, trafficNow } from './joins.ts';
import type { State } from './state.ts';

/** From this share of failed answers on (0–1) the app is not serving well. */
const FAILING = 0.02;

/** The one word at the top: does the app serve its users? */
export function condition(state: State): { condition: Condition; word: string } {
  const reading = only(state, 'traffic');
  if (reading.state === 'stale') return { condition: 'stale', word: 'edge does not answer' };
  const traffic = trafficNow(state);
  if (!traffic) return withoutEdge(state);
  const serving = traffic.replicas.filter(({ colour }) => colour === traffic.serving);
  const replicas = serving.length > 0 ? serving : traffic.replicas;
  const up = replicas.filter((replica) => replica.state === 'up').length;
  if (up === 0) return { condition: 'bad', word: 'no replica up' };
  if (traffic.held > 0) return { condition: 'look', word: `holding ${traffic.held}` };
  const { requestsPerSecond, errorsPerSecond } = traffic;
  if (requestsPerSecond > 0 && errorsPerSecond / requestsPerSecond >= FAILING) {
    return { condition: 'bad', word: 'failing' };
  }
  const down = replicas.filter((replica) => replica.state === 'down').length;
  if (down > 0) return { condition: 'look', word: `serving, ${down} down` };
  return { condition: 'good', word: 'serving' };
}

/** Without figures of an edge, what the containers are doing is the best that is known. */
function withoutEdge(state: State): { condition: Condition; word: string } {
  const readings = Object.values(state.readings.containers);
  if (readings.some((reading) => reading.state === 'stale')) {
    return { condition: 'stale', word: 'not all answers' };
  }
  const rows = allContainers(state);
  if (rows.length === 0) {
    const loading = readings.length === 0 || readings.some(({ state }) => state === 'loading');
    return loading
      ? { condition: 'loading', word: 'reading' }
      : { condition: 'off', word: 'nothing runs' };
  }
  const bad = rows.filter((row) => row.condition === 'bad').length;
  if (bad > 0) return { condition: 'bad', word: `${bad} down` };
  const up = rows.filter((row) => row.container.state === 'running').length;
  return up > 0 ? { condition: 'good', word: `${up} up` } : { condition: 'off', word: 'stopped' };
}
