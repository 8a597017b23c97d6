import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { LocalstackContainer } from '@testcontainers/localstack';
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
  stop: () => Promise<void>;
};

/** Starts LocalStack in a container of its own. */
export async function startLocalStack({ image, socket, lambdaExecutor }: Engine): Promise<LocalStack> {
  const { troubles, listen } = makeTroubles();
  const container = new LocalstackContainer(image).withLogConsumer(listen).withEnvironment({
    SERVICES: SERVICES.join(','),
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
    stop: async () => {
      if (troubles.length > 0) console.log(['LocalStack says:', ...troubles].join('\n'));
      await started.stop({ timeout: STOP_MILLISECONDS });
    },
  };
}

/** Lines of what LocalStack itself says went wrong, for whoever reads why a test failed. */
const TROUBLES_TOLD = 60;

/** Listens to what a container says; answers the last of what sounds like trouble. */
function makeTroubles() {
  const troubles: string[] = [];
  const hear = (line: string) => {
    // A Choice that asks for a field that is not there is no trouble.
    const isTrouble = / ERROR |^\w*(Error|Exception)\b/.test(line) && !line.includes('NoSuchJsonPath');
    if (isTrouble) troubles.push(line);
    if (troubles.length > TROUBLES_TOLD) troubles.shift();
  };
  return { troubles, listen: (log: Readable) => log.on('data', (chunk) => String(chunk).split('\n').forEach(hear)) };
}
