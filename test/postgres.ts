import { execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './freePort.ts';

const UP_SECONDS = 300;

/** Debian's folder of the newest PostgreSQL with its programs, and with PostGIS if that is wanted. */
export function findPostgres({ postgis = false } = {}): string | undefined {
  const [file] = globSync(
    postgis ? '/usr/share/postgresql/*/extension/postgis.control' : '/usr/lib/postgresql/*/bin/initdb',
  )
    .sort()
    .reverse();
  return file && `/usr/lib/postgresql/${file.split('/')[4]}/bin`;
}

/** A server that the system ends when this process does, however that happens. */
export function startServer(
  [command, ...args]: [string, ...string[]],
  as: string[],
  options: SpawnOptions,
  log: string,
) {
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

/** A PostgreSQL of one's own, in a folder that goes with it; `env` is what its clients are told. */
export async function startPostgres(bin: string, name: string) {
  const isRoot = process.getuid?.() === 0;
  // PostgreSQL refuses to be root, and another user may not get to this one's own folder.
  const folder = mkdtempSync(join(isRoot ? '/tmp' : tmpdir(), `swath-${name}-`));
  const as: string[] = [];
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])));
    chownSync(folder, uid!, gid!);
    as.push('--reuid=postgres', '--regid=postgres', '--clear-groups');
  }
  const data = join(folder, 'data');
  const port = await freePort();
  const env = {
    ...process.env,
    ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres', PGPASSWORD: 'none', PGDATABASE: 'postgres' },
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
  async function stop(): Promise<void> {
    await postgres.stop('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await postgres.untilUp(async () => spawnSync(join(bin, 'pg_isready'), { env }).status === 0);
  } catch (error) {
    await stop();
    throw error;
  }
  return { folder, env, stop };
}
