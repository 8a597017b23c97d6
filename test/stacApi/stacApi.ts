import { execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../freePort.ts';

const UP_SECONDS = 300;
const MODULES = 'stac_fastapi.pgstac.app, pypgstac, psycopg, uvicorn';

/**
 * Why there is no real STAC API here: Postgres with PostGIS, pgstac and stac-fastapi; false where there is one.
 *
 * @throws Error where it must be: SWATH_STAC_API is `required`
 */
export function reasonToSkip(): string | false {
  const why = whatIsMissing();
  if (why === undefined) return false;
  if (process.env['SWATH_STAC_API'] === 'required') throw new Error(`SWATH_STAC_API is required, and ${why}.`);
  return why;
}

function whatIsMissing(): string | undefined {
  if (findPostgres() === undefined) return "there is no PostgreSQL with PostGIS, as Debian's postgresql-postgis has it";
  if (spawnSync('setpriv', ['--version']).status !== 0)
    return 'there is no setpriv, by which servers end with the tests';
  if (spawnSync('python3', ['-c', `import ${MODULES}`]).status !== 0) return `there is no python3 with ${MODULES}`;
  return undefined;
}

/** Debian's folder of the newest PostgreSQL that has PostGIS. */
function findPostgres(): string | undefined {
  const [postgis] = globSync('/usr/share/postgresql/*/extension/postgis.control').sort().reverse();
  return postgis && `/usr/lib/postgresql/${postgis.split('/')[4]}/bin`;
}

/** A server that the system ends when this process does, however that happens. */
function startServer([command, ...args]: [string, ...string[]], as: string[], options: SpawnOptions, log: string) {
  const out = openSync(log, 'a');
  const server = spawn('setpriv', ['--pdeathsig=INT', ...as, command, ...args], {
    ...options,
    stdio: ['ignore', out, out],
  });
  const ended = once(server, 'exit');
  /** Waits until it is up, and throws with what it has said where it does not come up. */
  async function untilUp(isUp: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + UP_SECONDS * 1000; !(await isUp()); await pause(100))
      if (server.exitCode !== null || Date.now() > end)
        throw new Error(`${command} did not come up:\n${readFileSync(log, 'utf8').slice(-4000)}`);
  }
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) server.kill(signal);
    await ended;
  };
  return { untilUp, stop };
}

/** A STAC API of one's own, with an empty catalogue that can be written to; all of it goes with it. */
export async function startStacApi() {
  const isRoot = process.getuid?.() === 0;
  // PostgreSQL refuses to be root, and another user may not get to this one's own folder.
  const folder = mkdtempSync(join(isRoot ? '/tmp' : tmpdir(), 'swath-stac-api-'));
  const bin = findPostgres()!;
  const as: string[] = [];
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])));
    chownSync(folder, uid!, gid!);
    as.push('--reuid=postgres', '--regid=postgres', '--clear-groups');
  }
  const data = join(folder, 'data');
  const [port, apiPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${apiPort}`;
  const env = {
    ...process.env,
    ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres', PGPASSWORD: 'none', PGDATABASE: 'postgres' },
    ENABLE_TRANSACTIONS_EXTENSIONS: 'true',
  };
  const initdb = [
    '--pgdata',
    data,
    '--username=postgres',
    '--auth=trust',
    '--no-sync',
    '--encoding=UTF8',
    '--locale=C',
  ];
  execFileSync('setpriv', [...as, join(bin, 'initdb'), ...initdb], { cwd: folder });
  const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'full_page_writes=off', 'max_connections=20'];
  const postgres = startServer(
    [join(bin, 'postgres'), '-D', data, '-p', String(port), '-k', folder, ...settings.flatMap((one) => ['-c', one])],
    as,
    { cwd: folder },
    join(folder, 'postgres.log'),
  );
  let api: ReturnType<typeof startServer>;

  async function startApi(): Promise<void> {
    const app = ['--factory', 'stac_fastapi.pgstac.app:create_app', '--port', String(apiPort)];
    const command = ['python3', '-m', 'uvicorn', ...app] as [string, ...string[]];
    api = startServer(command, [], { cwd: folder, env }, join(folder, 'api.log'));
    await api.untilUp(() =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }
  const stopApi = () => api?.stop('SIGKILL');

  async function send(method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  async function stop(): Promise<void> {
    await stopApi();
    await postgres.stop('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await postgres.untilUp(async () => spawnSync(join(bin, 'pg_isready'), { env }).status === 0);
    execFileSync('python3', ['-m', 'pypgstac.pypgstac', 'migrate'], { cwd: folder, env });
    await startApi();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop, startApi, stopApi, send };
}
