import { keptFor } from '../core/base/concurrency/keptFor.ts';
import { EndpointUnavailable, InvalidModelPackage, listed } from '../core/base/errors.ts';
import { type AskEndpoint, JSON_LENGTH_HEADER, type ServedModel } from '../core/inference/openInference/endpoint.ts';
import { listIn } from '../core/parameters/listIn.ts';
import { readUpTo } from './readUpTo.ts';

/** For a batch of chips, the model's time included. */
const SECONDS = 60;
const MAX_ANSWER_BYTES = 256 * 1024 ** 2;
/** How long a new token may go unnoticed. */
const KEPT_MILLISECONDS = 60_000;

type Options = {
  /** For an answer. */
  seconds?: number | undefined;
  /** Finds the token that a server wants, if it wants one. */
  tokenOf?: (origin: string) => Promise<string | undefined>;
};

/** Makes what asks the servers that an operator names: hosts, asked by https, or addresses such as `http://10.0.0.5:8000`. */
export function askHosts(hosts: readonly string[], options: Options = {}): AskEndpoint<ServedModel> {
  const { seconds = SECONDS, tokenOf = async () => undefined } = options;
  const origins = hosts.map(originOf);
  return async ({ url }, path, body) => {
    const { origin } = new URL(url);
    assertNamed(origins.includes(origin), origin, hosts);
    const token = await tokenOf(origin);
    const headers = { ...body?.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const posted = body && { method: 'POST', body: Buffer.from(body.bytes) };
    try {
      const request = { redirect: 'manual', signal: AbortSignal.timeout(seconds * 1000), headers, ...posted } as const;
      const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, request);
      const { status } = response;
      const jsonLength = response.headers.get(JSON_LENGTH_HEADER) ?? undefined;
      const bytes = await readUpTo(MAX_ANSWER_BYTES, response.body ?? []);
      if (status !== 200 && token !== undefined) {
        const text = Buffer.from(bytes).toString().replaceAll(token, '(hidden)'); // a server may cite what it refuses
        return { status, jsonLength, bytes: Buffer.from(text) };
      }
      if (bytes.length <= MAX_ANSWER_BYTES) return { status, jsonLength, bytes };
    } catch (cause) {
      const { message, cause: deeper } = cause as Error;
      const why = deeper instanceof Error ? deeper.message : message;
      throw new EndpointUnavailable(`${origin} does not answer: ${why}`, { cause });
    }
    throw new InvalidModelPackage(`${origin} answers more than ${MAX_ANSWER_BYTES} bytes. Make the batches smaller.`);
  };
}

/** Chips leave only to what the operator names: throws `InvalidModelPackage` where something else serves a model. */
export function assertNamed(isNamed: boolean, served: string, named: readonly string[]): void {
  if (isNamed) return;
  const allowed = named.length === 0 ? 'no server may be asked' : `only ${listed(named)} may be asked`;
  throw new InvalidModelPackage(
    `The model is served by ${served}; ${allowed}. Name it in the parameter endpointHosts, or on this machine in the environment variable ENDPOINT_HOSTS.`,
  );
}

/** Returns the origin of a server that is named by its host, or by an address such as `http://10.0.0.5:8000`. */
export const originOf = (host: string) => URL.parse(host.includes('://') ? host : `https://${host}`)?.origin;

/**
 * Makes what finds the token of a server in a text such as `models.example.org=TOKEN,http://10.0.0.5:8000=TOKEN`.
 *
 * @param text from the environment
 * @param parameter the SSM parameter that holds it instead, unless that is empty
 */
export function tokensOf(text = '', parameter = '', read = readSecret) {
  const tokens = keptFor<void, string>(KEPT_MILLISECONDS, async () => {
    const found = parameter === '' ? text : await read(parameter);
    if (found !== undefined) return found;
    throw new InvalidModelPackage(
      `There is no SSM parameter ${parameter}, which is to hold HOST=TOKEN for each server that wants one: aws ssm put-parameter --type SecureString --name ${parameter} --value HOST=TOKEN`,
    );
  });
  return async (origin: string): Promise<string | undefined> => {
    const entries = listIn(await tokens()).map((entry) => entry.trim().split(/=(.*)/s));
    const [, token] = entries.find(([host = '']) => originOf(host) === origin) ?? [];
    if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
    throw new InvalidModelPackage(`The token for ${origin} is empty, or has characters that a header may not have.`);
  };
}

const readSecret = async (name: string) => (await import('./parameterStore.ts')).secretIn(name)();
