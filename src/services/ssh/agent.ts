import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2';
import { fingerprint } from './known-hosts.ts';

export interface AgentKeys {
  /** An agent that offers these keys only, in this order. */
  agent: BaseAgent;
  /** Their public halves. */
  keys: Buffer[];
  /** `agent key SHA256:… (comment)`, for the person. */
  labels: string[];
}

/**
 * The agent's keys: those of `preferred` first, and no others with `only`, since a server counts
 * every refused key and hangs up after a few.
 * @throws when the agent does not answer.
 */
export async function agentKeys(
  socket: string,
  preferred: readonly Buffer[],
  only: boolean,
): Promise<AgentKeys> {
  const all = await identities(ssh2.createAgent(socket));
  const rank = (key: Buffer) => preferred.findIndex((each) => each.equals(key));
  const known = all.filter((key) => rank(key.blob) >= 0);
  known.sort((a, b) => rank(a.blob) - rank(b.blob));
  const chosen = only ? known : [...known, ...all.filter((key) => rank(key.blob) < 0)];
  const agent = ssh2.createAgent(socket);
  agent.getIdentities = (answer) =>
    answer(
      undefined,
      chosen.map((key) => key.parsed),
    );
  return {
    agent,
    keys: chosen.map((key) => key.blob),
    labels: chosen.map((key) => `agent key ${fingerprint(key.blob)} (${key.parsed.comment})`),
  };
}

interface Identity {
  parsed: ParsedKey;
  blob: Buffer;
}

function identities(agent: BaseAgent): Promise<Identity[]> {
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) return reject(error);
      const parsed = (keys ?? []) as ParsedKey[];
      resolve(parsed.map((key) => ({ parsed: key, blob: key.getPublicSSH() })));
    });
  });
}
