import { describe, expect, it } from 'vitest';
import { type DumpEntry, parseDump } from '../../src/services/postgres/dump/entries.ts';
import { chooseDump, libpqEnvironment } from '../../src/services/postgres/dump/native.ts';
import { splitStatements, words } from '../../src/services/postgres/dump/sql-scan.ts';
import { indexOf, planSteps, type Tie, tableOf } from '../../src/services/postgres/dump/steps.ts';
import { byIndex } from '../../src/services/postgres/dump/unique-index.ts';
import { Requests, startUpAnswer } from '../../src/services/postgres/dump/wasm-protocol.ts';
import { keyOf, type QualifiedName } from '../../src/services/postgres/names.ts';

const dump = (...entries: Array<[kind: string, name: string, sql: string]>) =>
  `--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET statement_timeout = 0;\n\n${entries
    .map(
      ([kind, name, sql]) =>
        `--\n-- Name: ${name}; Type: ${kind}; Schema: public; Owner: -\n--\n\n${sql}\n\n\n`,
    )
    .join('')}--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n`;

describe('Reading a dump', () => {
  it('gives each object its statements, and none of the frame', () => {
    const text = dump(['TABLE', 'a', 'CREATE TABLE public.a ();'], ['ACL', 'TABLE a', 'GRANT x;']);
    expect(parseDump(text)).toEqual([
      { kind: 'TABLE', name: 'public.a', sql: 'CREATE TABLE public.a ();' },
      { kind: 'ACL', name: 'public.TABLE a', sql: 'GRANT x;' },
    ]);
  });

  it('is not led astray by a body that looks like a dump', () => {
    const header = '--\n-- Name: b; Type: TABLE; Schema: public; Owner: -\n--\n';
    for (const body of [`$_$${header}$_$`, `'${header}'`, `E'\\'${header}'`, `"${header}"`]) {
      const sql = `CREATE FUNCTION f() AS ${body};`;
      expect(parseDump(dump(['FUNCTION', 'f()', sql]))).toEqual([
        { kind: 'FUNCTION', name: 'public.f()', sql },
      ]);
    }
  });

  it('leaves out a change of settings that stands behind an object', () => {
    const sql = 'CREATE TABLE public.a ();\n\n\nSET default_table_access_method = heap;';
    expect(parseDump(dump(['TABLE', 'a', sql]))[0]?.sql).toBe('CREATE TABLE public.a ();');
  });

  it('reads names that hold semicolons and types', () => {
    const [entry] = parseDump(dump(['TABLE', 'a; Type: VIEW; b', 'CREATE TABLE x ();']));
    expect(entry).toMatchObject({ kind: 'TABLE', name: 'public.a; Type: VIEW; b' });
  });
});

describe('Splitting SQL', () => {
  it('finds the ends of statements outside of quotes, comments and bodies', () => {
    const sql = "select ';' /* ; /* ; */ */; -- ;\ndo $a$ ; $b$ ; $a$; select E'\\';', \"a;\"\"b\"";
    expect(splitStatements(sql)).toEqual([
      "select ';' /* ; /* ; */ */;",
      'do $a$ ; $b$ ; $a$;',
      `select E'\\';', "a;""b"`,
    ]);
    expect(words('a."b.c" -- x')).toEqual(['a', '.', '"b.c"']);
  });
});

describe('The order of a schema’s parts', () => {
  const relations = new Map([
    [keyOf({ schema: 'public', name: 'a' }), 'r'],
    [keyOf({ schema: 'public', name: 'part' }), 'p'],
    [keyOf({ schema: 'public', name: 'mv' }), 'm'],
  ]);
  const entry = (kind: string, sql: string): DumpEntry => ({ kind, name: kind, sql });
  const ties: Tie[] = [];
  const plan = (...entries: DumpEntry[]) =>
    planSteps(entries, {
      ...{ relations, publication: 'ours', ties },
      populated: new Set([keyOf({ schema: 'public', name: 'mv' })]),
    });

  it('puts tables first, keys with their table, and the rest behind', () => {
    const steps = plan(
      entry('TABLE', 'CREATE TABLE public.a ();'),
      entry('CONSTRAINT', 'ALTER TABLE ONLY public.a\n ADD CONSTRAINT k PRIMARY KEY (id);'),
      entry('INDEX', 'CREATE INDEX i ON public.a USING btree (x);'),
      entry('TRIGGER', 'CREATE TRIGGER t;'),
    );
    expect(steps.map(({ section, build }) => [section, build])).toEqual([
      ['pre', false],
      ['keys', true],
      ['keys', false],
      ['keys', true],
      ['rest', false],
    ]);
    expect(steps[1]?.table).toEqual({ schema: 'public', name: 'a' });
  });

  it('lets keys of partitioned tables wait for all, and those of views for the end', () => {
    const steps = plan(
      entry('INDEX', 'CREATE INDEX i ON ONLY public.part USING btree (x);'),
      entry('INDEX', 'CREATE UNIQUE INDEX u ON public.mv USING btree (x);'),
    );
    expect(steps.map(({ section, table }) => [section, table])).toEqual([
      ['keys', null],
      ['rest', null],
    ]);
  });

  it('makes a foreign key first and proves it later, where that can be', () => {
    const key = 'ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES public.b(id)';
    const steps = plan(
      entry('FK CONSTRAINT', `ALTER TABLE ONLY public.a\n    ${key};`),
      entry('FK CONSTRAINT', `ALTER TABLE public.part\n    ${key};`),
    );
    expect(steps.map(({ sql, build }) => [sql, build])).toEqual([
      [`ALTER TABLE ONLY public.a\n    ${key} NOT VALID;`, false],
      ['ALTER TABLE "public"."a" VALIDATE CONSTRAINT f;', true],
      [`ALTER TABLE public.part\n    ${key};`, false],
    ]);
  });

  it('proves the keys of partitions before that of the whole, which takes them over', () => {
    const key = 'ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES public.b(id)';
    const root = { schema: 'public', name: 'part' };
    const definition = 'FOREIGN KEY (x) REFERENCES public.b(id)';
    const [one, other] = ['part_1', 'part_2'].map((name) => ({ schema: 'public', name }));
    ties.push({ root, of: 'f', table: one as QualifiedName, name: 'Own', definition });
    ties.push({ root, of: 'g', table: other as QualifiedName, name: 'g', definition });
    const steps = plan(
      entry('FK CONSTRAINT', `ALTER TABLE public.part\n    ${key};`),
      entry('COMMENT', "COMMENT ON CONSTRAINT f ON public.part IS 'x';"),
    );
    ties.length = 0;
    expect(steps.map(({ section, sql, build }) => [section, sql, build])).toEqual([
      [
        'rest',
        `ALTER TABLE ONLY "public"."part_1" ADD CONSTRAINT "Own" ${definition} NOT VALID;`,
        false,
      ],
      ['rest', 'ALTER TABLE "public"."part_1" VALIDATE CONSTRAINT "Own";', true],
      ['last', `ALTER TABLE public.part\n    ${key};`, false],
      ['last', "COMMENT ON CONSTRAINT f ON public.part IS 'x';", false],
    ]);
  });

  it('leaves our own publication at the source, and fills views again', () => {
    const steps = plan(
      entry('MATERIALIZED VIEW', 'CREATE MATERIALIZED VIEW public.mv AS SELECT 1 WITH NO DATA;'),
      entry('PUBLICATION', 'CREATE PUBLICATION ours FOR ALL TABLES;'),
      entry('PUBLICATION', 'CREATE PUBLICATION theirs;'),
    );
    expect(steps.map(({ sql }) => sql)).toEqual([
      'CREATE MATERIALIZED VIEW public.mv AS SELECT 1 WITH NO DATA;',
      'CREATE PUBLICATION theirs;',
      'REFRESH MATERIALIZED VIEW "public"."mv";',
    ]);
  });

  it('knows a table and an index by their names, quoted or not', () => {
    expect(tableOf('CREATE INDEX "on" ON "Odd""x"."ON" USING btree (a)')).toEqual({
      ...{ schema: 'Odd"x', name: 'ON' },
    });
    expect(indexOf('CREATE UNIQUE INDEX "Odd""x" ON public.a USING btree (a)')).toBe('Odd"x');
    expect(tableOf('ALTER TABLE ONLY public.a ADD x')).toEqual({ schema: 'public', name: 'a' });
  });
});

describe('A key by its index', () => {
  const add = (definition: string) => `ALTER TABLE ONLY public.t\n ADD CONSTRAINT k ${definition};`;

  it('keeps included columns, storage, nulls and when it is checked', () => {
    const key =
      'UNIQUE NULLS NOT DISTINCT (a, "b c") INCLUDE (d) WITH (fillfactor=\'70\') DEFERRABLE';
    expect(byIndex(add(key))).toEqual([
      'CREATE UNIQUE INDEX k ON public.t USING btree ( a , "b c" ) INCLUDE ( d ) NULLS NOT DISTINCT WITH ( fillfactor = \'70\' );',
      'ALTER TABLE ONLY public.t ADD CONSTRAINT k UNIQUE USING INDEX k DEFERRABLE;',
    ]);
  });

  it('leaves alone what no plain index can serve', () => {
    for (const other of ['EXCLUDE USING gist (a WITH &&)', 'UNIQUE (a, b WITHOUT OVERLAPS)']) {
      expect(byIndex(add(other))).toEqual([add(other)]);
    }
  });
});

describe('Choosing a pg_dump', () => {
  it('takes the oldest that the server does not refuse', () => {
    const found = [15, 18, 16].map((major) => ({ path: `pg_dump-${major}`, major }));
    expect(chooseDump(found, 16)?.major).toBe(16);
    expect(chooseDump(found, 17)?.major).toBe(18);
    expect(chooseDump(found, 19)).toBeNull();
  });

  it('gives libpq what it knows of a URL, and nothing that only drivers know', () => {
    const url = 'postgres://me:s%2Fcret@db:6432/app?sslmode=no-verify&pgbouncer=true&schema=x';
    expect(libpqEnvironment(url)).toEqual({
      ...{ PGHOST: 'db', PGPORT: '6432', PGUSER: 'me', PGPASSWORD: 's/cret', PGDATABASE: 'app' },
      PGSSLMODE: 'require',
    });
  });
});

describe('pg_dump’s side of the wire', () => {
  it('is answered when a request is whole, and not before', () => {
    const requests = new Requests();
    expect(requests.push(Buffer.alloc(20))).toEqual({ kind: 'start-up', rounds: 0 });
    const query = Buffer.from('Q\0\0\0\x0dselect 1\0', 'latin1');
    expect(requests.push(query.subarray(0, 7)).rounds).toBe(0);
    expect(requests.push(query.subarray(7)).rounds).toBe(1);
    expect(Buffer.from(requests.take()).equals(query)).toBe(true);
    expect(requests.push(Buffer.from('X\0\0\0\x04', 'latin1')).rounds).toBe(0);
  });

  it('is refused encryption, and told what session it has', () => {
    const asks = Buffer.from('0000000804d2162f', 'hex');
    expect(new Requests().push(asks).kind).toBe('encryption');
    const answer = Buffer.from(startUpAnswer({ server_version: '17.1' })).toString('latin1');
    expect(answer).toContain('server_version\x0017.1\0');
    expect(answer.endsWith('I')).toBe(true);
  });
});
