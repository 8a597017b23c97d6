import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { docker } from './docker.ts';

type Environment = Record<string, string | undefined>;

/** What LocalStack runs in. */
export type Engine = {
  image: string;
  /** The engine's socket. */
  socket: string;
  /** What runs the Lambdas, where the environment names another thing than containers. */
  lambdaExecutor: string | undefined;
};

/** The last one that needs no account. */
const IMAGE = 'localstack/localstack:4.14.0';
const SOCKET = '/var/run/docker.sock';

/** Why there is no LocalStack to be had, in a sentence with the way out. */
export class NoLocalStack extends Error {
  override readonly name = 'NoLocalStack';
}

/**
 * The Docker engine of this machine, with LocalStack's image in it: LOCALSTACK_IMAGE, or LocalStack's own, pulled where
 * it is not there.
 *
 * @throws {NoLocalStack} where either is not to be had
 */
export async function findEngine(environment: Environment = process.env): Promise<Engine> {
  const image = environment['LOCALSTACK_IMAGE'] || IMAGE;
  await docker('info').catch(async (cause) => {
    throw new NoLocalStack(await reasonOf(environment), { cause });
  });
  await docker('image', 'inspect', image).catch(() => pull(image));
  return { image, socket: socketOf(environment), lambdaExecutor: environment['LAMBDA_RUNTIME_EXECUTOR'] || undefined };
}

/**
 * Why the suite cannot run here.
 *
 * @throws Error where it must: SWATH_LOCALSTACK is `required`
 */
export function reasonToSkip(error: Error, environment: Environment = process.env): string {
  if (!(error instanceof NoLocalStack)) throw error;
  if (environment['SWATH_LOCALSTACK'] === 'required')
    throw new Error(`SWATH_LOCALSTACK is "required", and ${error.message}`, { cause: error });
  return `the service was not tested on LocalStack, because ${error.message}`;
}

function socketOf({ DOCKER_HOST: host }: Environment): string {
  return host?.startsWith('unix://') ? host.slice('unix://'.length) : SOCKET;
}

/** Why no engine answers. */
async function reasonOf(environment: Environment): Promise<string> {
  const { DOCKER_HOST: host } = environment;
  if (host !== undefined && host !== '' && !host.startsWith('unix://'))
    return `no Docker engine answers at DOCKER_HOST, ${host}. Start it, or unset DOCKER_HOST.`;
  const socket = socketOf(environment);
  const problem = await access(socket, constants.R_OK | constants.W_OK).catch((error: NodeJS.ErrnoException) => error);
  if (problem?.code === 'EACCES' || problem?.code === 'EPERM')
    return `Docker without permission: this user may not use ${socket}. Add the user to the group docker and log in again, or set DOCKER_HOST to an engine that it may use.`;
  return `no Docker engine answers at ${socket}. Install Docker and start it, or set DOCKER_HOST.`;
}

async function pull(image: string): Promise<void> {
  await docker('pull', '--quiet', image).catch((cause: Error) => {
    throw new NoLocalStack(
      `the image ${image} is not here and cannot be pulled (${cause.message.trim()}). Name one that can be had with LOCALSTACK_IMAGE.`,
      { cause },
    );
  });
}
