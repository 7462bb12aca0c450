export type Change = (source: string, path: string) => string;

/** Fails where the source is not what it was when this was written. */
export function edit(...edits: [from: string | RegExp, to: string][]): Change {
  return (source, path) =>
    edits.reduce((text, [from, to]) => {
      const edited = text.replace(from, to);
      if (edited === text) throw new Error(`${path} has changed: nothing there matches ${from}.`);
      return edited;
    }, source);
}
