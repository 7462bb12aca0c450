import type { Problem } from '../../../model/problem.ts';
import type { LabInfo } from '../control/calls.ts';
import type { LabOptions } from './lab.ts';

/** How a host of its own is started: as its one argument, in JSON. */
export type HostOptions = Omit<LabOptions, 'progress' | 'signal'>;

/** From a host to its parent. */
export type HostMessage =
  | { type: 'progress'; text: string }
  | { type: 'ready'; info: LabInfo }
  | { type: 'failed'; usage: boolean; problem: Problem };
