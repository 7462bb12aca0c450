import type { Follow } from '../follow/follow.ts';

/** What the proof needs of who applies one side's changes at the other. */
export type SettlingFollower = Pick<
  Follow,
  'hold' | 'settleAt' | 'resume' | 'touched' | 'resetTouched'
>;
