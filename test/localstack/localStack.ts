import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { docker } from './docker.ts';
import type { Engine } from './engine.ts';
import { containersOf, killFunction } from './killFunction.ts';

/** Only what the service and its tests use: everything else would be refused. */
const SERVICES = [
  'apigateway',
  'cloudformation',
  'cloudwatch',
  'dynamodb',
  'events',
  'iam',
  'kms',
  'lambda',
  'logs',
  's3',
  'ses',
  'sns',
  'sqs',
  'ssm',
  'stepfunctions',
  'sts',
];

/** What is wrong with LocalStack itself, and would fail tests now and then. */
const MEND = fileURLToPath(new URL('mendLocalStack.py', import.meta.url));

/** So long a container may take to end; one that is not waited for may leave something behind. */
const STOP_SECONDS = 15;

export type LocalStack = {
  /** Where all of its services are to be had. */
  endpoint: string;
  /** Kills whatever runs a Lambda function at the moment, and answers how many processes that were. */
  killFunction: (name: string) => Promise<number>;
  stop: () => Promise<void>;
};

/** Starts LocalStack in a container, which `stop` removes. */
export async function startLocalStack({ image, socket, lambdaExecutor }: Engine): Promise<LocalStack> {
  const name = `swath-localstack-${randomUUID().slice(0, 8)}`;
  const environment = {
    SERVICES: SERVICES.join(','),
    EAGER_SERVICE_LOADING: '1', // loaded by the first requests, several at once may wait for each other's modules for ever
    DISABLE_EVENTS: '1', // it tells nobody that it runs
    SKIP_SSL_CERT_DOWNLOAD: '1',
    LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: '60', // many start at once, on a machine that others use too
    MAIN_CONTAINER_NAME: name, // after which it names those of its Lambdas
    ...(lambdaExecutor !== undefined && { LAMBDA_RUNTIME_EXECUTOR: lambdaExecutor }),
  };
  await docker(
    ...['run', '--detach', '--rm', '--name', name, '--publish', '127.0.0.1::4566'],
    ...Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...['--volume', `${MEND}:/etc/localstack/init/boot.d/mendLocalStack.py:ro`],
    // Its Lambdas are containers beside it, unless they are processes inside.
    ...(lambdaExecutor === undefined ? ['--volume', `${socket}:/var/run/docker.sock`] : []),
    image,
  );
  const removal = () => docker('rm', '--force', name);
  const { errors, listener } = listenTo(name);
  const stop = async () => {
    if (errors.length > 0) console.log(['LocalStack says:', ...errors].join('\n'));
    await docker('stop', '-t', String(STOP_SECONDS), name).catch(removal);
    listener.kill();
  };
  // By its number: a bucket's name is put in front of a host's.
  const endpoint = `http://${(await docker('port', name, '4566')).split('\n')[0]}`;
  await untilReady(endpoint).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    endpoint,
    killFunction: async (lambda) => {
      const places = lambdaExecutor === undefined ? await containersOf(lambda, name) : [name];
      const killed = await Promise.all(places.map((place) => killFunction(place, lambda)));
      return killed.reduce((sum, count) => sum + count, 0);
    },
    stop,
  };
}

/** So long it may take to start. */
const START_SECONDS = 300;

async function untilReady(endpoint: string): Promise<void> {
  for (let second = 0; second < START_SECONDS; second += 1) {
    const health = await fetch(`${endpoint}/_localstack/init/ready`).catch(() => undefined);
    if (health?.ok && ((await health.json()) as { completed: boolean }).completed) return;
    await setTimeout(1000);
  }
  throw new Error(`LocalStack was not ready after ${START_SECONDS} s.`);
}

/** Lines of what LocalStack itself says went wrong, for whoever reads why a test failed. */
const TROUBLES_TOLD = 60;

/** Listens to what a container says; answers the last of what sounds like trouble, and the process that listens. */
function listenTo(container: string) {
  const errors: string[] = [];
  const hear = (line: string) => {
    // A Choice that asks for a field that is not there is no trouble.
    const isTrouble = / ERROR |^\w*(Error|Exception)\b/.test(line) && !line.includes('NoSuchJsonPath');
    if (isTrouble) errors.push(line);
    if (errors.length > TROUBLES_TOLD) errors.shift();
  };
  const listener = spawn('docker', ['logs', '--follow', container], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [listener.stdout, listener.stderr]) createInterface(stream).on('line', hear);
  return { errors, listener };
}
