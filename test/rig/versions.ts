import { otherVersions, startPostgres, type TestPostgres } from './postgres.ts';

type Options = NonNullable<Parameters<typeof startPostgres>[0]>;

/** The oldest server of this machine and the npm package's; the same version twice where there is one. */
export async function startPair(options: Omit<Options, 'bin'> = {}): Promise<{
  old: TestPostgres;
  recent: TestPostgres;
  close(): Promise<void>;
}> {
  const [bin] = otherVersions();
  const old = await startPostgres(bin === undefined ? options : { ...options, bin });
  const recent = await startPostgres(options).catch(async (error) => {
    await old.close();
    throw error;
  });
  return {
    old,
    recent,
    close: async () => void (await Promise.all([old.close(), recent.close()])),
  };
}
