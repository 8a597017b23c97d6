import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../freePort.ts';

const REGISTER = fileURLToPath(new URL('register.py', import.meta.url));
const UP_SECONDS = 120;
const STOP_MILLISECONDS = 5000;

/**
 * Why nothing can be tested on a real MLflow server here, which is a Python package; false where it can.
 *
 * @throws Error where it must: SWATH_MLFLOW is `required`
 */
export function reasonToSkip(): string | false {
  if (findMlflow() !== undefined) return false;
  const why = 'there is no command mlflow';
  if (process.env['SWATH_MLFLOW'] === 'required') throw new Error(`SWATH_MLFLOW is required, and ${why}.`);
  return why;
}

function findMlflow(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'mlflow')).find((file) => existsSync(file));
}

/** `mlflow server` with its defaults, in a folder that goes with it; it listens on this machine alone. */
export async function startMlflow() {
  const mlflow = findMlflow()!;
  const folder = mkdtempSync(join(tmpdir(), 'swath-mlflow-'));
  const log = join(folder, 'log');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    ...process.env,
    // Without the processes that evaluate language models, of which there are ten.
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    MLFLOW_DISABLE_TELEMETRY: 'true',
  };
  const server = spawn(mlflow, ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'], {
    cwd: folder,
    env: environment,
    detached: true, // its workers go with it
    stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
  });
  const ended = once(server, 'exit');
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });

  async function stop(): Promise<void> {
    if (!hasEnded) process.kill(-server.pid!, 'SIGTERM');
    await Promise.race([ended, pause(STOP_MILLISECONDS, undefined, { ref: false })]);
    if (!hasEnded) process.kill(-server.pid!, 'SIGKILL');
  }

  for (const until = Date.now() + UP_SECONDS * 1000; ; ) {
    const isUp = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) break;
    if (hasEnded || Date.now() > until) {
      await stop();
      throw new Error(`mlflow server did not come up: ${readFileSync(log, 'utf8').slice(-4000)}`);
    }
    await pause(250);
  }
  return {
    url,
    stop,
    remove: () => rmSync(folder, { recursive: true, force: true }),
    /** Registers a folder as a version by MLflow's own client, as a training does, and has an alias point to it. */
    register: async (package_: string, name: string, alias: string): Promise<string> => {
      const python = join(dirname(mlflow), 'python3');
      const env = { ...environment, MLFLOW_TRACKING_URI: url };
      const { stdout } = await promisify(execFile)(python, [REGISTER, package_, name, alias], { env, cwd: folder });
      return stdout.trim().split('\n').at(-1)!;
    },
    /** The same by the server's REST API, which spares the seconds that the client takes to begin. */
    registerByRest: async (package_: string, name: string, alias: string): Promise<void> => {
      const api = `${url}/api/2.0/mlflow`;
      await ask('POST', `${api}/registered-models/create`, JSON.stringify({ name })).catch((error: Error) => {
        if (!error.message.includes('RESOURCE_ALREADY_EXISTS')) throw error;
      });
      const { run } = await ask('POST', `${api}/runs/create`, JSON.stringify({ experiment_id: '0' }));
      const { run_id, artifact_uri } = run!.info;
      const path = artifact_uri.replace(/^mlflow-artifacts:\//, '');
      for (const file of readdirSync(package_)) {
        const at = `${url}/api/2.0/mlflow-artifacts/artifacts/${path}/package/${file}`;
        await ask('PUT', at, new Uint8Array(readFileSync(join(package_, file))));
      }
      const created = { name, run_id, source: `${artifact_uri}/package` };
      const { model_version } = await ask('POST', `${api}/model-versions/create`, JSON.stringify(created));
      const version = model_version!.version;
      await ask('POST', `${api}/registered-models/alias`, JSON.stringify({ name, alias, version }));
    },
  };
}

/**
 * Lets nobody through to a server who has not the token: what stands before an MLflow server that has one.
 *
 * @param to the server's address; one that is not up yet is waited for
 * @param host where it listens
 */
export async function startGate(to: string | Promise<string>, token: string, host = '127.0.0.1') {
  let refused = 0;
  const gate = createServer(async (request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      refused += 1;
      response.writeHead(401).end();
      return;
    }
    const answer = await Promise.resolve(to)
      .then((server) => fetch(new URL(request.url ?? '', server)))
      .catch(() => null);
    if (answer === null) return void response.destroy();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await once(gate.listen(0, host), 'listening');
  return {
    url: `http://${host}:${(gate.address() as AddressInfo).port}`,
    refused: () => refused,
    close: (): void => {
      gate.closeAllConnections();
      gate.close();
    },
  };
}

/** What MLflow answers; throws where it refuses. */
async function ask(
  method: 'PUT' | 'POST',
  at: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<{ model_version?: { version: string }; run?: { info: { run_id: string; artifact_uri: string } } }> {
  const type = method === 'PUT' ? 'application/octet-stream' : 'application/json';
  const answer = await fetch(at, { method, body, headers: { 'content-type': type } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}
