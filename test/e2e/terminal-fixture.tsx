import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Box, Text, useApp, useInput } from 'ink';
import { useEffect, useState } from 'react';
import { usePaste } from '../../src/components/paste.tsx';
import { type Column, type DataRow, Table } from '../../src/components/Table.tsx';
import { useTerminalSize } from '../../src/components/terminal-size.tsx';
import { mountFullScreen } from '../../src/terminal/full-screen.tsx';

// A dashboard of a thousand rows, to see what the terminal layer does with it. TICK_MS and CHANGING
// (the share of rows that change with each tick) make it live; the keys below make it fail.

const ROWS = 1_000;
const tickMs = Number(process.env.TICK_MS ?? 0);
const changing = Number(process.env.CHANGING ?? 1);

const COLUMNS: Column[] = [
  { key: 'name', title: 'NAME', width: 14, flex: 1, priority: 0 },
  { key: 'cpu', title: 'CPU', width: 5, align: 'right', priority: 1 },
  { key: 'mem', title: 'MEM', width: 9, align: 'right', priority: 2 },
  { key: 'net', title: 'NET', width: 6, align: 'right', priority: 3 },
  { key: 'age', title: 'AGE', width: 4, align: 'right', priority: 4 },
];

function rowOf(index: number, tick: number): DataRow {
  const seed = index * 7919 + (index % Math.round(1 / changing) === 0 ? tick * 104_729 : 0);
  return {
    key: String(index),
    mark: ['●', 'good'],
    cells: {
      name: `web.${index}`,
      cpu: `${seed % 100}%`,
      mem: [`${100 + (seed % 400)}/512M`, seed % 9 === 0 ? 'look' : 'plain'],
      net: `${(seed % 97) / 10}M`,
      age: '2h',
    },
  };
}

function App({ nth }: { nth: number }) {
  const { columns, rows } = useTerminalSize();
  const [tick, setTick] = useState(0);
  const [selected, setSelected] = useState(0);
  const [typed, setTyped] = useState('');
  const [pasted, setPasted] = useState('');
  const [broken, setBroken] = useState(false);
  const [other, setOther] = useState(false);
  useEffect(() => {
    if (!tickMs) return;
    const timer = setInterval(() => setTick((last) => last + 1), tickMs);
    return () => clearInterval(timer);
  }, []);
  usePaste((text) => setPasted(`${text.length} ${JSON.stringify(text.slice(0, 40))}`));
  // Not with `last => last + 1`, on purpose: each key must find what the one before it did.
  const onKey = (key: string) => {
    setTyped(typed + key);
    if (key === 'j') setSelected(Math.min(ROWS - 1, selected + 1));
    if (key === 'k') setSelected(Math.max(0, selected - 1));
    if (key === 'r') setBroken(true);
    if (key === 's') setOther(!other);
  };
  if (broken) throw new Error('broken while drawing');
  const top = Math.max(0, selected - rows + 5);
  const visible = Array.from({ length: rows - 4 }, (_, y) => rowOf(top + y, tick));
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Text>{`size ${columns}x${rows}  screen ${nth}  tick ${tickMs ? tick : '-'}  pasted ${pasted || '-'}`}</Text>
      {other ? <Keys key="a" onKey={onKey} /> : <Keys key="b" onKey={onKey} />}
      <Text>{`typed ${JSON.stringify(typed.slice(-40))}`}</Text>
      <Table columns={COLUMNS} rows={visible} width={columns} chosen={selected - top} />
      <Text>{`${'─'.repeat(columns - 1)}┘`}</Text>
    </Box>
  );
}

function Keys({ onKey }: { onKey: (key: string) => void }) {
  const { exit } = useApp();
  useInput((input, key) => {
    if (input === 'q') return exit();
    if (input === 'x') setTimeout(() => fail('thrown from a timer'));
    if (input === 'u') void Promise.reject(new Error('rejected by a promise'));
    if (input === 'l') console.log('a line from a library');
    const [name = ''] = Object.entries(key).find(([, pressed]) => pressed) ?? [];
    onKey(input || `<${name}>`);
  });
  return null;
}

function fail(message: string): never {
  throw new Error(message);
}

const delay = monitorEventLoopDelay({ resolution: 10 });
// It costs nearly a percent of a core, which would spoil other figures.
if (process.env.METER) setTimeout(() => delay.enable(), 500).unref();
const screen = mountFullScreen(
  <App nth={1} />,
  process.env.LOG ? { logFile: process.env.LOG } : {},
);
const say = (text: string) => {
  process.stdout.write(`\n${text}\n`);
  if (process.env.SAID) appendFileSync(process.env.SAID, text);
};
try {
  const exit = await screen.waitUntilExit();
  say(`left: ${JSON.stringify(exit)}, longest pause ${(delay.max / 1e6).toFixed()} ms`);
} catch (error) {
  say(`crashed: ${(error as Error).message}, log ${screen.log.used}`);
}
if (process.env.AGAIN) await mountFullScreen(<App nth={2} />).waitUntilExit();
// Cleaning up takes its time.
await sleep(300);
say('cleaned up');
process.exit(0);
