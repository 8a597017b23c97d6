import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { credentials, region } from '../deployment.ts';
import { freePort } from '../freePort.ts';

const MENDED = fileURLToPath(new URL('mendMoto.py', import.meta.url));
const UP_SECONDS = 60;

export type Moto = {
  /** What the AWS clients take. */
  config: { endpoint: string; region: string; credentials: typeof credentials; maxAttempts: number };
  /** Asks Batch, for which there is no client among the dependencies. */
  batch: (operation: string, body: object) => Promise<Record<string, unknown>>;
  /** The default network: a subnet and a security group. */
  network: () => Promise<{ batchSubnets: string; batchSecurityGroups: string }>;
  stop: () => void;
};

/**
 * Why nothing can be tested on moto here, a stand-in for AWS that is a Python package; false where it can.
 *
 * @throws Error where it must: SWATH_BATCH is `required`
 */
export function reasonToSkip(): string | false {
  if (spawnSync('python3', ['-c', 'import moto.server, moto.batch, antlr4']).status === 0) return false;
  const why = 'there is no python3 with moto[server,batch,stepfunctions]';
  if (process.env['SWATH_BATCH'] === 'required') throw new Error(`SWATH_BATCH is "required", and ${why}.`);
  return why;
}

/** Starts moto on this machine, with a Batch that runs no containers. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  // Its Step Functions ask the server that MOTO_PORT names.
  const env = { ...process.env, MOTO_PORT: String(port) };
  const server = spawn('python3', [MENDED], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (bytes: Buffer) => {
    said = `${said}${bytes}`.slice(-10_000);
  });
  const stop = () => void server.kill('SIGKILL');
  process.once('exit', stop);
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = { stepfunctions: { execute_state_machine: true }, batch: { use_docker: false } };
  const configure = () => fetch(`${endpoint}/moto-api/config`, { method: 'POST', body: JSON.stringify(settings) });
  for (
    let i = 0;
    !(await configure().then(
      (response) => response.ok,
      () => false,
    ));
    i += 1
  ) {
    if (i >= UP_SECONDS * 10 || server.exitCode !== null) throw new Error(`moto is not up: ${said}`);
    await pause(100);
  }

  /** Moto knows a service by what a request is signed for; it checks no signature. */
  const ask = async (service: string, path: string, body: string) => {
    const scope = `Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`;
    const headers = { authorization: `AWS4-HMAC-SHA256 ${scope}`, 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(`${endpoint}${path}`, { method: 'POST', headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service} ${path}: ${response.status} ${text}`);
    return text;
  };
  const firstOf = async (operation: string, element: string) => {
    const answer = await ask('ec2', '/', `Action=${operation}&Version=2016-11-15`);
    return new RegExp(`<${element}>([\\w-]+)<`).exec(answer)![1]!;
  };
  return {
    config: { endpoint, region, credentials, maxAttempts: 1 },
    batch: async (operation, body) => JSON.parse(await ask('batch', `/v1/${operation}`, JSON.stringify(body))),
    network: async () => ({
      batchSubnets: await firstOf('DescribeSubnets', 'subnetId'),
      batchSecurityGroups: await firstOf('DescribeSecurityGroups', 'groupId'),
    }),
    stop,
  };
}
