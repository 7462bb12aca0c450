import { parseArgs } from 'node:util';
import { type Document, MongoClient } from 'mongodb';

/**
 * What a compose file uses of MongoDB's shell, for an image without it: `--eval` on this machine's
 * server. Like the shell, it awaits what asks the server without being told.
 */
const ASKS = /\b(?:(?:db|rs)(?:\.\w+\([^()]*\))+|sleep\(\d+\))/g;

const { values } = parseArgs({
  options: { quiet: { type: 'boolean' }, eval: { type: 'string', default: '' } },
});
const limit = { directConnection: true, serverSelectionTimeoutMS: 2000 };
const client = new MongoClient('mongodb://127.0.0.1:27017', limit);
let session = client;

const admin = (command: Document) => session.db('admin').command(command);

const db = {
  hello: () => admin({ hello: 1 }),
  getSiblingDB: () => ({
    createUser: ({ user, ...rest }: Document) => admin({ createUser: user, ...rest }),
    async auth(username: string, password: string) {
      session = new MongoClient('mongodb://127.0.0.1:27017', {
        ...limit,
        auth: { username, password },
      });
    },
  }),
};
const rs = { initiate: (config: Document) => admin({ replSetInitiate: config }) };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

try {
  const code = values.eval.replaceAll(ASKS, '(await $&)');
  const run = new Function('db', 'rs', 'sleep', 'quit', `return (async () => {${code}})()`);
  await run(db, rs, sleep, process.exit);
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
