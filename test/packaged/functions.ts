import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { FunctionName } from '../../core/base/functions.ts';
import type { Packaged } from './package.ts';
import { propertiesOf, type Template } from './template.ts';
import { unzip } from './zip.ts';

const functionSchema = z.looseObject({
  Handler: z.string(),
  Timeout: z.number(),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
  EphemeralStorage: z.object({ Size: z.number() }).optional(),
});

/** What the template says of a function. */
export function functionIn(template: Template, name: FunctionName) {
  return propertiesOf(template, `${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`, functionSchema);
}

/** The logical id of a function's role. */
export function roleOf(template: Template, name: FunctionName): string {
  return functionIn(template, name).Role.split('-').at(-1) ?? '';
}

const answerSchema = z.object({
  result: z.unknown().optional(),
  error: z.looseObject({ errorType: z.string() }).optional(),
});

/** Lambda's side of an invocation, as much as there is to it; Lambda requires a .cjs as well. */
const RUNTIME = `
const { handler } = require(process.argv[2]);
process.on('message', async ({ message, seconds }) => {
  const end = Date.now() + seconds * 1000;
  try {
    process.send({ result: await handler(message, { getRemainingTimeInMillis: () => end - Date.now() }) });
  } catch (error) {
    process.send({ error: { errorType: error.name, errorMessage: error.message, trace: error.stack.split('\\n') } });
  }
});
process.send({});
`;

/**
 * A function's artifact, unzipped into a folder of its own and started in a process that may read nothing but that
 * folder, with the environment that the template gives it.
 *
 * @param trusted a certificate, in PEM, of a server that it may speak to besides
 * @param environment variables that are others than the template has
 */
export async function startPackaged(
  packaged: Packaged,
  name: FunctionName,
  endpoint: string,
  trusted?: { certificate: string },
  environment: Record<string, string> = {},
) {
  const { Handler, Timeout, Environment, EphemeralStorage } = functionIn(packaged.template, name);
  const folder = join(packaged.temporary, 'functions', name);
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const runtime = join(folder, 'runtime.cjs');
  if (!existsSync(runtime)) {
    await unzip(await packaged.artifact(name), folder);
    await writeFile(runtime, RUNTIME); // last, so that a function that is started anew finds all of it
  }
  const certificates = join(folder, 'trusted.pem');
  if (trusted !== undefined) await writeFile(certificates, trusted.certificate);
  const child = fork(runtime, [`./${Handler.replace(/\.handler$/, '.cjs')}`], {
    cwd: folder,
    execArgv: [
      '--permission',
      `--allow-fs-read=${folder}`,
      '--allow-addons',
      '--disable-warning=SecurityWarning',
      ...(EphemeralStorage === undefined ? [] : [`--allow-fs-write=${temporary}`]), // whoever asks for a disk may write
    ],
    env: {
      ...Environment.Variables,
      ...environment,
      TMPDIR: temporary,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: name, // tells the callers apart
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: endpoint,
      AWS_MAX_ATTEMPTS: '1',
      ...(trusted !== undefined && { NODE_EXTRA_CA_CERTS: certificates }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await answerOf().catch((error) => {
    child.kill();
    throw error;
  });

  let last: Promise<unknown> = Promise.resolve();

  /** Calls it as Step Functions does: what it throws arrives as a name and a Cause in JSON. One call at a time, as in Lambda. */
  function invoke(message: unknown): Promise<unknown> {
    const answer = last.then(() => call(message));
    last = answer.catch(() => {});
    return answer;
  }

  async function call(message: unknown): Promise<unknown> {
    child.send({ message, seconds: Timeout });
    const { result, error } = await answerOf();
    if (error === undefined) return result;
    throw Object.assign(new Error(JSON.stringify(error)), { name: error.errorType });
  }

  async function answerOf() {
    const [answer] = await Promise.race([once(child, 'message'), ended]);
    if (typeof answer !== 'object' || answer === null) throw new Error(`The packaged ${name} has died.`);
    return answerSchema.parse(answer);
  }

  return { invoke, stop: () => child.kill() };
}
