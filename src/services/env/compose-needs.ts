import { parseAllDocuments } from 'yaml';

/** A variable that a compose file takes from its surroundings. */
export interface Need {
  key: string;
  /** With `${KEY:?…}` nothing starts without it; otherwise it becomes an empty text. */
  required: boolean;
}

const REFERENCE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?])|\}))/g;

/** What a docker-compose.yml asks for and gives no default for. Null when it is no YAML. */
export function composeNeeds(text: string): Need[] | null {
  const needs = new Map<string, boolean>();
  const need = (key: string, required: boolean) =>
    needs.set(key, required || (needs.get(key) ?? false));
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length > 0) return null;
    const file: unknown = document.toJS();
    walk(file, (scalar) => references(scalar, need));
    for (const name of passedThrough(file)) need(name, false);
  }
  return [...needs].map(([key, required]) => ({ key, required }));
}

function references(text: string, need: (key: string, required: boolean) => void): void {
  for (const [, named, braced, operator] of text.matchAll(REFERENCE)) {
    const key = named ?? braced;
    if (!key || operator?.endsWith('-') || operator?.endsWith('+')) continue;
    need(key, operator?.endsWith('?') ?? false);
  }
}

/** `environment: [KEY]` and `environment: {KEY: }` hand a variable on as it is. */
function passedThrough(file: unknown): string[] {
  const services = isObject(file) && isObject(file.services) ? Object.values(file.services) : [];
  return services.flatMap((service) => {
    const environment = isObject(service) ? service.environment : null;
    if (Array.isArray(environment)) {
      return environment.filter((each) => typeof each === 'string' && /^\w+$/.test(each));
    }
    if (!isObject(environment)) return [];
    return Object.keys(environment).filter((key) => environment[key] === null);
  });
}

function walk(value: unknown, visit: (scalar: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) walk(each, visit);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
