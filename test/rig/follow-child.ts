/** node follow-child.mjs: follows from SOURCE to TARGET (URLs, in the environment) until it is killed. */
import { followChanges } from '../../src/services/postgres/follow/follow.ts';

const { SOURCE = '', TARGET = '', FEED = '' } = process.env;
const options = { from: SOURCE, to: TARGET, feed: FEED, starts: new Map() };
const report = ({ changes }: { changes: number }) => console.log(changes);
const follow = await followChanges(options, report, new AbortController().signal);
await follow.ended;
