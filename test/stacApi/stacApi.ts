import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../freePort.ts';
import { findPostgres, startPostgres, startServer } from '../postgres.ts';

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
  if (findPostgres({ postgis: true }) === undefined)
    return "there is no PostgreSQL with PostGIS, as Debian's postgresql-postgis has it";
  if (spawnSync('setpriv', ['--version']).status !== 0)
    return 'there is no setpriv, by which servers end with the tests';
  if (spawnSync('python3', ['-c', `import ${MODULES}`]).status !== 0) return `there is no python3 with ${MODULES}`;
  return undefined;
}

/** A STAC API of one's own, with an empty catalogue that can be written to; all of it goes with it. */
export async function startStacApi() {
  const postgres = await startPostgres(findPostgres({ postgis: true })!, 'stac-api');
  const { folder } = postgres;
  const env = { ...postgres.env, ENABLE_TRANSACTIONS_EXTENSIONS: 'true' };
  const apiPort = await freePort();
  const url = `http://127.0.0.1:${apiPort}`;
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
    await postgres.stop();
  }

  try {
    execFileSync('python3', ['-m', 'pypgstac.pypgstac', 'migrate'], { cwd: folder, env });
    await startApi();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop, startApi, stopApi, send };
}
