import { EndpointUnavailable, InvalidModelPackage } from '../core/base/errors.ts';
import { listed } from '../core/base/text/listed.ts';
import { type AskEndpoint, JSON_LENGTH_HEADER } from '../core/inference/openInference/endpoint.ts';
import { readUpTo } from './readUpTo.ts';

/** For a batch of chips, the model's time included. */
const SECONDS = 60;
const MAX_ANSWER_BYTES = 256 * 1024 ** 2;

/**
 * Makes what asks the servers that models run on, of which an operator names those that may get chips.
 *
 * @param hosts hosts that are asked by https, or addresses such as `http://10.0.0.5:8000`
 * @param seconds for an answer
 */
export function askHosts(hosts: readonly string[], seconds = SECONDS): AskEndpoint {
  const origins = hosts.map((host) => URL.parse(host.includes('://') ? host : `https://${host}`)?.origin);
  return async ({ url }, path, body) => {
    const { origin } = new URL(url);
    if (!origins.includes(origin))
      throw new InvalidModelPackage(
        `The model is served by ${origin}; ${hosts.length === 0 ? 'no server may be asked' : `only ${listed(hosts)} may be asked`}. Name it in the parameter endpointHosts, or on this machine in the environment variable ENDPOINT_HOSTS.`,
      );
    const request = { redirect: 'manual', signal: AbortSignal.timeout(seconds * 1000) } as const;
    try {
      const posted = body && { method: 'POST', headers: body.headers, body: Buffer.from(body.bytes) };
      const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, { ...request, ...posted });
      const jsonLength = response.headers.get(JSON_LENGTH_HEADER) ?? undefined;
      const bytes = await readUpTo(MAX_ANSWER_BYTES, response.body ?? []);
      if (bytes.length <= MAX_ANSWER_BYTES) return { status: response.status, jsonLength, bytes };
    } catch (cause) {
      const { message, cause: deeper } = cause as Error;
      const why = deeper instanceof Error ? deeper.message : message;
      throw new EndpointUnavailable(`${origin} does not answer: ${why}`, { cause });
    }
    throw new InvalidModelPackage(
      `${origin} answers more than ${MAX_ANSWER_BYTES} bytes. Make the model's batches smaller.`,
    );
  };
}
