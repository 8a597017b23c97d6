import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { LocalstackContainer, type StartedLocalStackContainer } from '@testcontainers/localstack';
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
const STOP_MILLISECONDS = 15_000;

export type LocalStack = {
  /** Where all of its services are to be had. */
  endpoint: string;
  /** Kills whatever runs a Lambda function at the moment, and answers how many processes that were. */
  killFunction: (name: string) => Promise<number>;
  /** The address at which its functions reach what listens on this machine; null where they do not. */
  ownAddress: () => Promise<string | null>;
  stop: () => Promise<void>;
};

/** Starts LocalStack in a container of its own. */
export async function startLocalStack({ image, socket, lambdaExecutor }: Engine): Promise<LocalStack> {
  const { errors, listen } = makeTroubles();
  const container = new LocalstackContainer(image).withLogConsumer(listen).withEnvironment({
    SERVICES: SERVICES.join(','),
    EAGER_SERVICE_LOADING: '1', // loaded by the first requests, several at once may wait for each other's modules for ever
    DISABLE_EVENTS: '1', // it tells nobody that it runs
    SKIP_SSL_CERT_DOWNLOAD: '1',
    LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: '60', // many start at once, on a machine that others use too
    ...(lambdaExecutor !== undefined && { LAMBDA_RUNTIME_EXECUTOR: lambdaExecutor }),
  });
  container.withCopyFilesToContainer([{ source: MEND, target: '/etc/localstack/init/boot.d/mendLocalStack.py' }]);
  // Its Lambdas are containers beside it, unless they are processes inside.
  if (lambdaExecutor === undefined) container.withBindMounts([{ source: socket, target: '/var/run/docker.sock' }]);
  const started = await container.start();
  return {
    // By its number: a bucket's name is put in front of a host's.
    endpoint: `http://127.0.0.1:${started.getPort()}`,
    killFunction: async (name) => {
      const places = lambdaExecutor === undefined ? await containersOf(name, started.getName()) : [started];
      const killed = await Promise.all(places.map((place) => killFunction(place, name)));
      return killed.reduce((sum, count) => sum + count, 0);
    },
    ownAddress: () => reachedAt(started),
    stop: async () => {
      if (errors.length > 0) console.log(['LocalStack says:', ...errors].join('\n'));
      await started.stop({ timeout: STOP_MILLISECONDS });
    },
  };
}

/** So long a container may take to connect. */
const CONNECT_SECONDS = 10;

/**
 * The gateway of a container's network, where that is this machine itself and lets it in. A function is a container in the same network, or a
 * process in this one.
 */
async function reachedAt(container: StartedLocalStackContainer): Promise<string | null> {
  const { output } = await container.exec(['cat', '/proc/net/route']);
  // Interface, destination, gateway: hexadecimal, the last byte first.
  const [, hex = ''] = /^\S+\s+00000000\s+([0-9A-F]{8})\s/m.exec(output) ?? [];
  const gateway = [...Buffer.from(hex, 'hex')].reverse().join('.');
  const isOwn = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === gateway));
  if (!isOwn) return null;
  const server = createServer((socket) => socket.end());
  await once(server.listen(0, gateway), 'listening');
  const { port } = server.address() as AddressInfo;
  const connect = `timeout ${CONNECT_SECONDS} bash -c '</dev/tcp/${gateway}/${port}'`;
  const { exitCode } = await container.exec(['bash', '-c', connect]);
  server.close();
  return exitCode === 0 ? gateway : null;
}

/** Lines of what LocalStack itself says went wrong, for whoever reads why a test failed. */
const TROUBLES_TOLD = 60;

/** Listens to what a container says; answers the last of what sounds like trouble. */
function makeTroubles() {
  const errors: string[] = [];
  const hear = (line: string) => {
    // A Choice that asks for a field that is not there is no trouble.
    const isTrouble = / ERROR |^\w*(Error|Exception)\b/.test(line) && !line.includes('NoSuchJsonPath');
    if (isTrouble) errors.push(line);
    if (errors.length > TROUBLES_TOLD) errors.shift();
  };
  return { errors, listen: (log: Readable) => log.on('data', (chunk) => String(chunk).split('\n').forEach(hear)) };
}
