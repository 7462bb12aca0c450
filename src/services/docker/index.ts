export { containerActions } from './actions.ts';
export type { Engine, Ssh } from './engine.ts';
export { dockerEngines, type EngineOptions, engineVersion } from './engines.ts';
export { type Environment, webEnvironments } from './environments.ts';
export { type ContainerProbeOptions, containerProbe } from './probe.ts';
