import { readFile, writeFile } from 'node:fs/promises';

// A mirror that carries one platform's packages makes `npm install` drop all others from the lock
// file, and then `npm ci` refuses it on every machine. Run after `npm install` behind such a mirror:
// it names them again, by the versions that their siblings have.

interface Entry {
  version: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const FILE = 'package-lock.json';
const OS =
  /(?:^|[-/])(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows)/;
const CPU = /-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64|universal|wasm32)(?=-|$)/;

const lock = JSON.parse(await readFile(FILE, 'utf8'));
const packages: Record<string, Entry> = lock.packages;
for (const [path, entry] of Object.entries(packages)) {
  const optional = Object.entries(entry.optionalDependencies ?? {});
  for (const [name, range] of optional) {
    if (path !== '' && !known(path, name)) packages[`node_modules/${name}`] = missing(name, range);
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(FILE, `${JSON.stringify(lock, null, 2)}\n`);

function known(path: string, name: string): boolean {
  return `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages;
}

function missing(name: string, range: string): Entry {
  const os = OS.exec(name)?.[1]?.replace('windows', 'win32');
  const cpu = CPU.exec(name)?.[1];
  const libc = /musl/.test(name) ? 'musl' : /gnu/.test(name) ? 'glibc' : null;
  return {
    version: range.replace(/^[^\d]*/, ''),
    dev: true,
    optional: true,
    ...(os ? { os: [os] } : {}),
    ...(cpu && cpu !== 'universal' ? { cpu: [cpu] } : {}),
    ...(libc ? { libc: [libc] } : {}),
  };
}
