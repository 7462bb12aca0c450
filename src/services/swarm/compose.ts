import { parseDocument } from 'yaml';
import { UsageError } from '../../errors.ts';

export type ComposeService = Record<string, unknown>;

/** A compose file as its YAML says, with anchors and merges resolved. */
export interface Compose {
  /** Of the project; null where its directory gives it. */
  name: string | null;
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
  secrets: Record<string, unknown>;
  configs: Record<string, unknown>;
}

/** @throws UsageError naming the line that is no YAML, or what is missing. */
export function parseCompose(text: string, file: string): Compose {
  const document = parseDocument(text, { merge: true });
  const broken = document.errors[0];
  if (broken) throw wrong(file, broken.message.split('\n')[0] ?? 'It is not YAML.');
  const all: unknown = document.toJS({ maxAliasCount: 1000 });
  const services = record(all, 'services');
  const wrongOne = Object.keys(services).find((name) => !isRecord(services[name]));
  if (Object.keys(services).length === 0) throw wrong(file, 'It has no services.');
  if (wrongOne !== undefined) throw wrong(file, `The service ${wrongOne} is not a mapping.`);
  const { name } = all as { name?: unknown };
  return {
    name: typeof name === 'string' ? name : null,
    services: services as Compose['services'],
    volumes: record(all, 'volumes'),
    networks: record(all, 'networks'),
    secrets: record(all, 'secrets'),
    configs: record(all, 'configs'),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mapping at `key`; empty where there is none. */
export function record(value: unknown, key: string): Record<string, unknown> {
  const found = isRecord(value) ? value[key] : undefined;
  return isRecord(found) ? found : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** `environment` in either of its two forms; null is a variable handed on from the surroundings. */
export function environmentOf(service: ComposeService): Map<string, string | null> {
  const { environment } = service;
  if (isRecord(environment)) {
    const entries = Object.entries(environment);
    return new Map(entries.map(([key, value]) => [key, value === null ? null : String(value)]));
  }
  return new Map(
    list(environment).map((each): [string, string | null] => {
      const text = String(each);
      const at = text.indexOf('=');
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function wrong(file: string, why: string): UsageError {
  return new UsageError({
    code: 'compose-invalid',
    message: `${file} cannot be used.`,
    why,
    next: 'Mend the file and run the command again. Nothing was changed.',
  });
}
