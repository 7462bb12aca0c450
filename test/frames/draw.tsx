import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink';
import stringWidth from 'string-width';
import { expect } from 'vitest';
import { Screen } from '../../src/screens/App.tsx';
import type { State } from '../../src/state/state.ts';
import { CellReader } from '../../src/terminal/cells.ts';

class FakeTerminal extends EventEmitter {
  frame = '';
  readonly columns: number;
  readonly rows: number;

  constructor({ columns, rows }: { columns: number; rows: number }) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(frame: string): boolean {
    this.frame = frame;
    return true;
  }
}

/** The state as Ink draws it, with colours, at the state's own size. */
export function drawn(state: State): string {
  const stdout = new FakeTerminal(state);
  const ink = render(<Screen state={state} />, {
    stdout: stdout as unknown as NodeJS.WriteStream,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  const { frame } = stdout;
  ink.unmount();
  return frame;
}

/** The text of a frame, which must fit its terminal. */
export function textOf(state: State): string {
  const text = stripVTControlCharacters(drawn(state));
  const lines = text.split('\n');
  expect(lines.length, 'rows').toBeLessThanOrEqual(state.rows);
  for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(state.columns);
  return `${text}\n`;
}

/** What a terminal without UTF-8 and colours shows of it. */
export function asciiOf(state: State): string {
  const reader = new CellReader({ colour: false, utf8: false });
  const lines = reader.read(drawn(state), state.rows).map((row) => row.text.join(''));
  return `${lines.join('\n')}\n`;
}
