import { LocalstackContainer } from '@testcontainers/localstack';
import type { Engine } from './engine.ts';
import { containersOf, killFunction } from './killFunction.ts';

/** Only what the service and its tests use: everything else would be refused. */
const SERVICES = [
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
  const container = new LocalstackContainer(image).withEnvironment({
    SERVICES: SERVICES.join(','),
    DISABLE_EVENTS: '1', // it tells nobody that it runs
    SKIP_SSL_CERT_DOWNLOAD: '1',
    LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: '60', // many start at once, on a machine that others use too
    ...(lambdaExecutor !== undefined && { LAMBDA_RUNTIME_EXECUTOR: lambdaExecutor }),
  });
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
      await started.stop({ timeout: STOP_MILLISECONDS });
    },
  };
}
