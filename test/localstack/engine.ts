import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { type ContainerRuntimeClient, getContainerRuntimeClient, ImageName } from 'testcontainers';

type Environment = Record<string, string | undefined>;

/** What LocalStack runs in. */
export type Engine = {
  image: string;
  /** The engine's socket, as containers see it. */
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
  const client = await getContainerRuntimeClient().catch(async (cause) => {
    throw new NoLocalStack(await reasonOf(environment), { cause });
  });
  await pull(client, image);
  return {
    image,
    socket: client.info.containerRuntime.remoteSocketPath,
    lambdaExecutor: environment['LAMBDA_RUNTIME_EXECUTOR'] || undefined,
  };
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

/** Why no engine answers: the client library only says that none does. */
async function reasonOf({ DOCKER_HOST: host }: Environment): Promise<string> {
  if (host !== undefined && host !== '' && !host.startsWith('unix://'))
    return `no Docker engine answers at DOCKER_HOST, ${host}. Start it, or unset DOCKER_HOST.`;
  const socket = host?.slice('unix://'.length) || SOCKET;
  const problem = await access(socket, constants.R_OK | constants.W_OK).catch((error: NodeJS.ErrnoException) => error);
  if (problem?.code === 'EACCES' || problem?.code === 'EPERM')
    return `Docker without permission: this user may not use ${socket}. Add the user to the group docker and log in again, or set DOCKER_HOST to an engine that it may use.`;
  return `no Docker engine answers at ${socket}. Install Docker and start it, or set DOCKER_HOST.`;
}

async function pull({ image: images }: ContainerRuntimeClient, image: string): Promise<void> {
  const name = ImageName.fromString(image);
  const problem = await images.pull(name).then(
    () => undefined,
    (error: Error) => error,
  );
  // A pull that breaks off in the middle is no error.
  if (problem === undefined && (await images.exists(name))) return;
  const why = problem === undefined ? '' : ` (${problem.message})`;
  throw new NoLocalStack(
    `the image ${image} is not here and cannot be pulled${why}. Name one that can be had with LOCALSTACK_IMAGE.`,
    { cause: problem },
  );
}
