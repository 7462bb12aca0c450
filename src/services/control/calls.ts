/** What a process answers to others: names, arguments and answers that JSON can carry. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` lets every table of functions pass.
export type Calls<Table> = { [Name in keyof Table]: (...args: any[]) => unknown };

export type Args<Call> = Call extends (...args: infer Given) => unknown ? Given : never;
export type Answer<Call> = Call extends (...args: never[]) => infer Given ? Given : never;

export type Handlers<Table> = {
  [Name in keyof Table]: (
    args: Args<Table[Name]>,
    signal: AbortSignal,
  ) => Answer<Table[Name]> | Promise<Answer<Table[Name]>>;
};
