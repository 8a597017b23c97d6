import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-sagemaker-runtime';
import * as z from 'zod';
import { makeKept } from '../core/base/concurrency/keepPromise.ts';
import { EndpointUnavailable, InvalidModelPackage, jsonIn } from '../core/base/errors.ts';
import { type Bucket, nullIfNotFound } from '../core/base/objectStore.ts';
import { isTransient } from '../core/base/step.ts';
import * as endpoints from '../core/inference/openInference/endpoint.ts';
import { assertNamed } from './askEndpoint.ts';
import { readFrom, writeTo } from './bucket.ts';
import { patience } from './patience.ts';

/** The bucket that asynchronous endpoints read requests from and write answers to, and how long one call waits for an answer. */
type Exchange = Pick<Bucket, 'read' | 'write'> & { readonly bucket: string; readonly seconds: number };

type Ask = endpoints.AskEndpoint<endpoints.SageMakerEndpoint>;

const REGIONS = 10;
/** Errors by which SageMaker says that it has too much to do, or that there is no instance yet. */
const LATER = ['ThrottlingException', 'ModelNotReadyException', 'ServiceUnavailable'];
/** How long a request may wait in a queue, and be worked on: SageMaker's defaults. Later, no answer comes any more. */
const LIMITS = { RequestTTLSeconds: 21_600, InvocationTimeoutSeconds: 900 };
/** Of the bucket. What is in it expires as prepared parts do. */
const FOLDER = 'endpoints/';
const LOOK_MILLISECONDS = 1000;

export function exchangeIn(bucket: string): Exchange {
  return { bucket, read: readFrom(bucket), write: writeTo(bucket), seconds: 60 };
}

/**
 * Makes what asks SageMaker's endpoints, of which an operator names those that may get chips.
 *
 * @param named such as `sagemaker:forage`
 * @param exchange if absent, asynchronous endpoints are refused
 */
export function askSageMaker(named: readonly string[], exchange?: Exchange): Ask {
  const keep = makeKept<sdk.SageMakerRuntimeClient>(REGIONS);
  return async (endpoint, name, body) => {
    assertNamed(named.includes(name), name, named);
    const { sagemaker: EndpointName, region, variant: TargetVariant, model: TargetModel, asynchronous } = endpoint;
    const { [endpoints.JSON_LENGTH_HEADER]: length } = body!.headers;
    const ContentType = length === undefined ? 'application/json' : `${endpoints.SAGEMAKER_TYPE}${length}`;
    const asked = { EndpointName, ContentType, Body: body!.bytes };
    const client = await keep(region ?? '', async () => {
      return new sdk.SageMakerRuntimeClient({ ...patience, ...(region !== undefined && { region }) });
    });
    const invoke = () => client.send(new sdk.InvokeEndpointCommand({ ...asked, TargetVariant, TargetModel }));
    const now = () => invoke().then(({ Body }) => answerOf(200, Body ?? new Uint8Array()));
    const asking = asynchronous === true ? askQueue(client, name, asked, exchange) : now();
    return asking.catch((error: unknown) => failureOf(error, name));
  };
}

/** What is kept beside a request: the keys of its answer and of its failure, of which there will be one, and until when. */
const sentSchema = z.object({ output: z.string(), failure: z.string(), until: z.number() });

/** Has an asynchronous endpoint answer. Request and answer lie in the bucket: a later try finds the answer, and pays once. */
async function askQueue(
  client: sdk.SageMakerRuntimeClient,
  name: string,
  { Body, ...asked }: { EndpointName: string; ContentType: string; Body: Uint8Array },
  exchange?: Exchange,
) {
  if (exchange === undefined)
    throw new InvalidModelPackage(
      'An asynchronous endpoint takes a bucket. On this machine, name one in the environment variable RESULTS_BUCKET.',
    );
  const { bucket, read, write, seconds } = exchange;
  const folder = name.replace('sagemaker:', ''); // two regions may have endpoints of one name
  const key = `${FOLDER}requests/${folder}/${createHash('sha256').update(Body).digest('hex')}`;
  const root = `s3://${bucket}/`;
  const find = (at: string) => read(at).catch(nullIfNotFound);
  const kept = sentSchema.safeParse(jsonIn(new TextDecoder().decode((await find(`${key}.json`)) ?? undefined))).data;
  const { output, failure } = kept !== undefined && Date.now() < kept.until ? kept : await send();
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await setTimeout(LOOK_MILLISECONDS)) {
    const answer = await find(output);
    if (answer !== null) return answerOf(200, answer);
    const failed = await find(failure);
    if (failed === null) continue;
    await write(`${key}.json`, Buffer.from('{}')); // so that the next try sends it again
    return answerOf(500, failed);
  }
  throw new EndpointUnavailable(`${name} has not answered ${root}${key} within ${seconds} s. A later try finds it.`);

  async function send() {
    await write(key, Body);
    const until = Date.now() + (LIMITS.RequestTTLSeconds + LIMITS.InvocationTimeoutSeconds) * 1000;
    const command = new sdk.InvokeEndpointAsyncCommand({ ...asked, ...LIMITS, InputLocation: `${root}${key}` });
    const { OutputLocation: at = '', FailureLocation: failedAt = at } = await client.send(command);
    const elsewhere = [at, failedAt].find((location) => !location.startsWith(`${root}${FOLDER}`));
    if (elsewhere !== undefined)
      throw new InvalidModelPackage(
        `The endpoint answers at ${elsewhere}, allowed is a place below ${root}${FOLDER}: its S3OutputPath and S3FailurePath.`,
      );
    const sent = { output: at.slice(root.length), failure: failedAt.slice(root.length), until };
    await write(`${key}.json`, Buffer.from(JSON.stringify(sent)));
    return sent;
  }
}

/** How much of a body with binary tensors is JSON, their sizes say: what lies in S3 has no header. */
function answerOf(status: number, bytes: Uint8Array): endpoints.EndpointAnswer {
  const start = Buffer.from(bytes.subarray(0, 10_000)).toString('latin1');
  const sizes = [...start.matchAll(/"binary_data_size"\s*:\s*(\d+)/g)].map(([, size]) => Number(size));
  const behind = sizes.reduce((sum, size) => sum + size, 0);
  return { status, jsonLength: behind === 0 ? undefined : String(bytes.length - behind), bytes };
}

/** Returns an error of SageMaker, or of the model in it, as the answer of a server that says why. */
function failureOf(error: unknown, name: string): endpoints.EndpointAnswer {
  if (error instanceof sdk.ModelError)
    // of a model that took too long, the status is 0
    return answerOf(error.OriginalStatusCode || 504, Buffer.from(error.OriginalMessage ?? error.message));
  if (error instanceof sdk.SageMakerRuntimeServiceException) {
    const status = LATER.includes(error.name) ? 503 : (error.$metadata.httpStatusCode ?? 500);
    return answerOf(status, Buffer.from(error.message));
  }
  if (!isTransient(error)) throw error;
  throw new EndpointUnavailable(`${name} does not answer: ${error.message}`, { cause: error });
}
