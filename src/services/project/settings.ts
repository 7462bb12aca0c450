import { parseDocument } from 'yaml';
import * as z from 'zod/mini';
import english from 'zod/v4/locales/en.js';
import { UsageError } from '../../errors.ts';

z.config(english());

const name = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/));

const line = z.string().check(z.minLength(1));
const seconds = z.number().check(z.minimum(1), z.maximum(3600));
const port = z.int().check(z.minimum(1), z.maximum(65_535));

const schema = z.strictObject({
  /** Shown in the header; the prefix of everything PortSync creates for the app. */
  app: z.optional(name),
  /** What the parts of the app are called in its compose file. */
  services: z.optional(
    z.strictObject({
      web: z.optional(name),
      database: z.optional(name),
      edge: z.optional(name),
    }),
  ),
  web: z.optional(
    z.strictObject({
      /** The port a replica listens on. Default 3000. */
      port: z.optional(port),
      /** The path a replica answers with 200 while it can serve. Default /api/ready. */
      ready: z.optional(z.string().check(z.regex(/^\/\S*$/))),
      /** How many replicas; without it as many as the machine has room for. */
      replicas: z.optional(z.int().check(z.minimum(1), z.maximum(200))),
      /** A replica that says nothing for so long is given up. Default 30000. */
      answerWithinMs: z.optional(z.int().check(z.minimum(500))),
    }),
  ),
  edge: z.optional(
    z.strictObject({
      /** Default 80. */
      port: z.optional(port),
      /** Serves HTTPS with this file, which holds the certificate, its chain and the key in PEM. */
      certificate: z.optional(z.string().check(z.minLength(1))),
      /** Default 443. */
      httpsPort: z.optional(port),
      domain: z.optional(z.string().check(z.minLength(1))),
    }),
  ),
  /** Machines besides this one. */
  nodes: z.optional(
    z.array(
      z.strictObject({
        name,
        /** What `ssh` accepts: host, user@host, user@host:port, or an alias of ~/.ssh/config. */
        address: z.string().check(z.minLength(1)),
      }),
    ),
  ),
  /** How versions of the .env are kept. Written by `portsync env encrypt`. */
  env: z.optional(
    z.strictObject({
      encrypt: z.optional(
        z.strictObject({
          recipient: z.string().check(z.regex(/^age1[a-z0-9]+$/)),
          /** The file with the key, outside the project directory. */
          identity: z.string().check(z.minLength(1)),
        }),
      ),
    }),
  ),
  /** How a new colour of replicas takes over. */
  rollout: z.optional(
    z.strictObject({
      /** How long the new replicas may take to get healthy. Default 120. */
      healthySeconds: z.optional(seconds),
      /**
       * Run once before the new replicas start, in a container of the new image: a line for its shell,
       * or the words of a command.
       */
      release: z.optional(z.union([line, z.array(line).check(z.minLength(1))])),
      /** How long that may take. Default 600. */
      releaseSeconds: z.optional(seconds),
      /**
       * How long they are watched while the old ones still run. Default 75 for another image, else 15;
       * in a lab 5.
       */
      watchSeconds: z.optional(seconds),
    }),
  ),
});

export type Settings = z.infer<typeof schema>;

/**
 * The text of a portsync.yaml, checked.
 * @throws UsageError naming the line or the setting that is wrong.
 */
export function parseSettings(text: string, file: string): Settings {
  const document = parseDocument(text);
  const broken = document.errors[0];
  if (broken) throw wrong(file, broken.message.split('\n')[0] ?? 'not YAML');
  const result = schema.safeParse(document.toJS() ?? {});
  if (!result.success) {
    const issue = result.error.issues[0];
    throw wrong(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not valid'}`);
  }
  const names = (result.data.nodes ?? []).map((node) => node.name);
  const twice = names.find((each, at) => names.indexOf(each) !== at || each === 'main');
  if (twice) throw wrong(file, `nodes: the name “${twice}” is taken twice (main is this machine)`);
  return result.data;
}

function wrong(file: string, why: string): UsageError {
  return new UsageError({
    code: 'settings-invalid',
    message: `${file} cannot be used.`,
    why,
    next: 'Mend the file and run the command again. Nothing was changed.',
  });
}
