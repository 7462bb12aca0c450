import { describe, expect, it } from 'vitest';
import { edit, emptyField, fieldOf, insert } from '../../src/state/text-field.ts';

const typed = (text: string, ...keys: string[]) =>
  keys.reduce((field, key) => edit(field, key) ?? field, fieldOf(text)).text;

describe('a text field', () => {
  it('takes whole characters away, however many code points they have', () => {
    expect(typed('ok 👩‍👩‍👧', 'backspace')).toBe('ok ');
    expect(typed('café', 'left', 'backspace')).toBe('caé');
  });

  it('edits words and lines as a shell does', () => {
    expect(typed('root@10.0.0.2 now', 'ctrl+w')).toBe('root@10.0.0.2 ');
    expect(typed('one two', 'home', 'ctrl+k')).toBe('');
    expect(typed('one two', 'left', 'ctrl+u')).toBe('o');
    expect(edit(emptyField, 'pageUp')).toBeNull();
  });

  it('keeps the first line of what is pasted, without what a terminal would act upon', () => {
    const field = insert({ text: 'ac', cursor: 1 }, '\nb\u001B[2J\u0007\nrm -rf');
    expect(field).toEqual({ text: 'ab[2Jc', cursor: 5 });
  });
});
