import type { Edge } from '../../../ports/edge.ts';
import type { Handlers } from '../../control/calls.ts';
import type { LabCalls, LabInfo } from '../control/calls.ts';
import { containersOf, type Parts } from './containers.ts';
import type { Generator } from './generator.ts';

const TIME_IS_UP = AbortSignal.abort(new DOMException('Time is up.', 'TimeoutError'));

/** What can be asked of a lab from outside, and who answers. */
export function handlersOf(
  info: LabInfo,
  edge: Edge,
  generator: Generator,
  parts: Parts,
): Handlers<LabCalls> {
  const { fleet } = parts;
  const note = (text: string) => parts.log.add('stdout', text);
  return {
    info: () => info,
    traffic: (_args, signal) => edge.traffic(signal),
    sees: ([colour, replicas], signal) => edge.sees(colour, replicas, signal),
    hold: ([deadlineMs], signal) => {
      note(`hold, at most ${deadlineMs} ms`);
      return edge.hold(deadlineMs, signal);
    },
    drained: ([colour], signal) => edge.drained(colour, signal),
    switchTo: async ([colour], signal) => {
      await edge.switchTo(colour, signal);
      note(`every request goes to ${colour}`);
    },
    release: async (_args, signal) => {
      const report = await edge.release(signal);
      const { heldMs, heldRequests, failedRequests } = report;
      note(
        `released: ${heldRequests} waited up to ${Math.round(heldMs)} ms, ${failedRequests} failed`,
      );
      return report;
    },
    replicas: () => fleet.replicas(),
    containers: () => containersOf(parts),
    start: ([colour, spec]) => fleet.start(colour, { ...spec, env: new Map(spec.env) }),
    healthy: ([colour], signal) => fleet.healthy(colour, signal),
    healthyNow: ([colour]) => fleet.healthy(colour, TIME_IS_UP),
    stop: ([colour]) => fleet.stop(colour),
    resume: ([colour]) => fleet.resume(colour),
    environments: () => fleet.environments(),
    figures: () => generator.figures(),
    setSpike: ([on]) => {
      note(on ? 'spike starts' : 'spike ends');
      generator.setSpike(on);
    },
    killReplica: ([name]) => {
      note(`kill -9 ${name}`);
      return fleet.replica(name).kill();
    },
    startReplica: ([name]) => fleet.replica(name).start(),
    stopReplica: ([name]) => fleet.replica(name).stop(),
  };
}
