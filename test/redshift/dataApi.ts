import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { type ColumnMetadata, type Field, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';

/**
 * A stub of Redshift's Data API over a real PostgreSQL: its transactions, locks, snapshots and merge are PostgreSQL's own. COPY of Parquet by
 * a manifest is the stub's, with Redshift's conditions on it. Transactions see a snapshot of their first statement that reads, as
 * Redshift's do (its default, SNAPSHOT ISOLATION, is REPEATABLE READ here): a LOCK before it waits, and takes none.
 */

/** What Redshift says otherwise than PostgreSQL; all else of the statements is run as it is. */
const WORDS: readonly [RegExp, string][] = [[/VARBYTE\(\d+\)/g, 'BYTEA']];

/** What COPY accepts for a type of Parquet. https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-data-files.html */
const FITS: Readonly<Record<string, RegExp>> = {
  'BYTE_ARRAY UTF8': /^VARCHAR\(\d+\)$/,
  BYTE_ARRAY: /^VARBYTE\(\d+\)$/,
  INT32: /^INTEGER$/,
  INT64: /^BIGINT$/,
  'INT64 TIMESTAMP_MILLIS': /^TIMESTAMP$/,
  FLOAT: /^REAL$/,
  DOUBLE: /^DOUBLE PRECISION$/,
};

type Found = { ColumnMetadata: ColumnMetadata[]; Records: Field[][] };
type Statement = { status: 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED'; error?: string; found?: Found };
type Input = { Sql: string; Sqls: string[]; Id: string; Table: string };
type Environment = Record<string, string | undefined>;
type Bytes = Uint8Array | null;
export type ReadObject = (bucket: string, key: string) => Bytes | Promise<Bytes>;

class Failed extends Error {}

/** One session of psql, to which statements are given one by one. */
function connect(env: Environment) {
  const psql: ChildProcessWithoutNullStreams = spawn('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1'], { env });
  let said = '';
  psql.stderr.on('data', (chunk) => (said += chunk));
  psql.stdin.on('error', () => {}); // it has ended
  const ended = new Promise<void>((resolve) => psql.once('close', () => resolve()));
  const lines = createInterface({ input: psql.stdout });
  let found: string[] = [];
  let done = () => {};
  lines.on('line', (line) => (line === '--done--' ? done() : found.push(line)));
  let isOver = false;
  void ended.then(() => (isOver = true));
  return {
    /** The lines that a statement answers. Throws what PostgreSQL says where it fails. */
    run: async (text: string): Promise<string[]> => {
      found = [];
      const answered = new Promise<void>((resolve) => (done = resolve));
      psql.stdin.write(`${text}\n\\echo --done--\n`);
      await Promise.race([answered, ended]);
      if (isOver) throw new Failed(said === '' ? 'The connection was lost.' : said.trim());
      return found;
    },
    end: () => psql.stdin.end('\\q\n'),
    kill: () => psql.kill('SIGKILL'),
  };
}

export function startDataApi(env: Environment, readObject: ReadObject) {
  const statements = new Map<string, Statement>();
  const runs: Promise<void>[] = [];
  /** What happens before a statement of a transaction: the session may be lost. */
  const hooks = { before: async (_sql: string, _lose: () => void): Promise<void> => {} };

  function begin(work: () => Promise<Found | undefined>): string {
    const id = `statement-${statements.size}`;
    const statement: Statement = { status: 'STARTED' };
    statements.set(id, statement);
    runs.push(
      work().then(
        (found) => {
          Object.assign(statement, { status: 'FINISHED', found });
        },
        (error: unknown) => {
          if (!(error instanceof Failed)) console.error(error);
          Object.assign(statement, { status: 'FAILED', error: `ERROR: ${(error as Error).message}` });
        },
      ),
    );
    return id;
  }

  async function run(sqls: readonly string[]): Promise<undefined> {
    if (sqls.length > 40) throw new Failed('A batch has at most 40 statements.');
    const session = connect(env);
    try {
      await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ;');
      const tables = new Map<string, { name: string; type: string }[]>();
      for (const sql of sqls) {
        await hooks.before(sql, session.kill);
        const [, temporary, definition] = /^CREATE TEMP TABLE (\w+) \((.*)\)$/.exec(sql) ?? [];
        if (temporary !== undefined) tables.set(temporary, columnsIn(definition!));
        const [, into, manifest] =
          /^COPY (\w+) FROM '([^']+)' IAM_ROLE default FORMAT AS PARQUET MANIFEST$/.exec(sql) ?? [];
        if (into !== undefined) await session.run(await copied(into, tables.get(into)!, manifest!));
        else await session.run(`${WORDS.reduce((text, [word, ours]) => text.replace(word, ours), sql)};`);
      }
      await hooks.before('COMMIT', session.kill);
      await session.run('COMMIT;');
    } finally {
      session.end();
    }
  }

  /** COPY from the files of a manifest, as they are now, in the notation of PostgreSQL's COPY. */
  async function copied(into: string, columns: readonly { name: string; type: string }[], manifest: string) {
    const read = (url: string) => {
      const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
      return readObject(bucket, key);
    };
    const { entries } = JSON.parse(new TextDecoder().decode((await read(manifest))!));
    const lines: string[] = [];
    for (const { url, mandatory, meta } of entries) {
      const bytes = await read(url);
      if (bytes === null && mandatory) throw new Failed(`The specified file ${url} does not exist.`);
      if (bytes === null) continue;
      if (meta?.content_length !== bytes.length) throw new Failed(`${url}: Invalid Parquet file, or another length.`);
      const file = new Uint8Array(bytes).buffer;
      const metadata = parquetMetadata(file, { geoparquet: false });
      const types = metadata.schema.slice(1).map(({ type, converted_type: of }) => (of ? `${type} ${of}` : `${type}`));
      if (types.length !== columns.length)
        throw new Failed(`Unmatched number of columns: ${types.length} in ${url}, ${columns.length} in the table.`);
      for (const [i, type] of types.entries())
        if (!FITS[type]?.test(columns[i]!.type))
          throw new Failed(`${url} has an incompatible Parquet schema for the column ${columns[i]!.name}: ${type}.`);
      const names = metadata.schema.slice(1).map(({ name }) => name);
      for (const row of await parquetReadObjects({ file, metadata, utf8: false }))
        lines.push(names.map((name) => asText(row[name])).join('\t'));
    }
    return `COPY ${into} FROM STDIN;\n${lines.map((line) => `${line}\n`).join('')}\\.`;
  }

  /** A client of the Data API; `pass` sees each call before it is made. */
  function client(pass: () => Promise<void> = async () => {}): RedshiftDataClient {
    const made = new RedshiftDataClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    made.middlewareStack.add(
      (_next, { commandName = '' }) =>
        async ({ input }) => {
          await pass();
          const output = await answer(commandName.replace('Command', ''), input as Input);
          await pass();
          return { response: {}, output: { $metadata: {}, ...(output as object) } };
        },
      { step: 'initialize', priority: 'low' },
    );
    return made;
  }

  /** The same for whoever speaks AWS JSON 1.1; nobody is asked for rights. */
  async function serve(): Promise<{ endpoint: string; stop: () => void }> {
    const server = createServer(async (request, response) => {
      const command = String(request.headers['x-amz-target']).replace('RedshiftData.', '');
      const body = Buffer.concat(await Array.fromAsync(request)).toString();
      response
        .setHeader('content-type', 'application/x-amz-json-1.1')
        .end(JSON.stringify(await answer(command, JSON.parse(body))));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      stop: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  async function answer(command: string, { Sql, Sqls, Id, Table }: Input): Promise<object> {
    if (command === 'BatchExecuteStatement') return { Id: begin(() => run(Sqls)) };
    if (command === 'ExecuteStatement') return { Id: begin(() => ask(Sql)) };
    if (command === 'DescribeTable') return { ColumnList: (await columnsOf(Table)).map((name) => ({ name })) };
    const { status, error, found } = statements.get(Id)!;
    if (command === 'GetStatementResult') return found!;
    return { Status: status, Error: error, HasResultSet: found !== undefined };
  }

  /** What a statement finds: a view knows its columns, whose types PostgreSQL and Redshift call by the same names. */
  async function ask(sql: string): Promise<Found> {
    const session = connect(env);
    try {
      await session.run(`CREATE TEMP VIEW asked AS ${sql};`);
      const columns = await session.run(
        `SELECT json_build_object('name', column_name, 'typeName', udt_name) FROM information_schema.columns WHERE table_name = 'asked' ORDER BY ordinal_position;`,
      );
      const ColumnMetadata = columns.map((line) => JSON.parse(line) as { name: string; typeName: string });
      const texts = ColumnMetadata.map(({ name }) => `"${name}"::text`).join(', ');
      const rows = await session.run(`SELECT json_build_array(${texts}) FROM asked;`);
      const fieldOf = (text: string | null): Field => (text === null ? { isNull: true } : { stringValue: text });
      return { ColumnMetadata, Records: rows.map((line) => (JSON.parse(line) as (string | null)[]).map(fieldOf)) };
    } finally {
      session.end();
    }
  }

  const columnsOf = (table: string) =>
    query(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${table}'`,
    );

  async function query(sql: string): Promise<string[]> {
    const session = connect(env);
    return session.run(`${sql};`).finally(session.end);
  }

  return { client, serve, query, columnsOf, hooks, statements, settled: async () => void (await Promise.all(runs)) };
}

function columnsIn(definition: string): { name: string; type: string }[] {
  return definition.split(/, (?=")/).map((one) => {
    const [, name = '', type = ''] = /^"([^"]+)" (.+)$/.exec(one) ?? [];
    return { name, type };
  });
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  return String(value).replace(
    /[\\\n\r\t]/g,
    (letter) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[letter] ?? '\\\\',
  );
}
