import * as z from 'zod';
import { citedStart } from '../core/base/errors.ts';
import { MAX_LAMBDA_ANSWER_BYTES } from '../core/base/limits.ts';
import type { Invocation } from '../core/base/step.ts';
import { IMAGE_TYPES, isImageType } from '../core/doors/online/bodyInputs.ts';
import { type HttpRequest, type HttpResponse, Problem, problemResponse } from '../core/doors/online/http.ts';
import type { LambdaContext } from './lambda.ts';

const lists = z.record(z.string(), z.array(z.string())).nullish();

/**
 * The event of a REST API's proxy integration, as far as it is read here.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
const eventSchema = z.object({
  httpMethod: z.string(),
  /** The pattern of the path, such as `/v1/models/{model}`: without the stage, and without what a domain name's mapping begins it with. */
  resource: z.string(),
  pathParameters: z.record(z.string(), z.string()).nullish(),
  multiValueHeaders: lists,
  multiValueQueryStringParameters: lists,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
});

/**
 * The request that an event of API Gateway carries; refused with 415 where its body is an image that API Gateway has taken for text,
 * since its content type is none of those that it knows as binary.
 */
export function requestOf(event: unknown): HttpRequest {
  const { httpMethod: method, resource, pathParameters, body, isBase64Encoded, ...lists } = eventSchema.parse(event);
  const headers = Object.fromEntries(
    Object.entries(lists.multiValueHeaders ?? {}).map(([name, values]) => [name.toLowerCase(), values.join(', ')]),
  );
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(lists.multiValueQueryStringParameters ?? {}))
    for (const value of values) query.append(name, value);
  const path = resource.replaceAll(/\{(\w+)\}/g, (_, name: string) => pathParameters?.[name] ?? '');
  const request = { method, path, query, headers, body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8') };
  const type = headers['content-type'] ?? '';
  if (!isImageType(type) || isBase64Encoded || !body) return request;
  const detail = `The content type is ${citedStart(type, 80)}, allowed are ${IMAGE_TYPES.join(', ')}.`;
  return { ...request, refused: new Problem(415, detail) };
}

export type ApiGatewayResult = ReturnType<typeof resultOf>;

/** Formats an answer for API Gateway; one that is too large for Lambda becomes an error with 413. */
export function resultOf(response: HttpResponse) {
  const result = encoded(response);
  // What is in the answer's JSON is JSON itself, so that each of its quotes is two bytes: only what is written out has its size.
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes <= MAX_LAMBDA_ANSWER_BYTES) return result;
  const detail = `The answer has ${bytes} bytes, allowed are at most ${MAX_LAMBDA_ANSWER_BYTES}. Send fewer inputs, or put what they are of into the inbox.`;
  return encoded(problemResponse(new Problem(413, detail)));
}

function encoded({ status, headers, body }: HttpResponse) {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('base64');
  const all: Record<string, string> = { ...headers, 'x-content-type-options': 'nosniff' };
  return { statusCode: status, headers: all, body: text, isBase64Encoded: typeof body !== 'string' };
}

export type ApiGatewayOptions = {
  answer: (request: HttpRequest, invocation: Pick<Invocation, 'remainingSeconds'>) => Promise<HttpResponse>;
  /** Origins whose pages may read answers; `*` is any. */
  corsOrigins: readonly string[];
};

/** Makes a Lambda handler that passes requests of API Gateway to `answer`. */
export function apiGatewayHandler({ answer, corsOrigins }: ApiGatewayOptions) {
  return async (event: unknown, context: LambdaContext): Promise<ApiGatewayResult> => {
    const request = requestOf(event);
    const response = await answer(request, { remainingSeconds: () => context.getRemainingTimeInMillis() / 1000 });
    if (corsOrigins.length === 0) return resultOf(response);
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && (corsOrigins.includes(origin) || corsOrigins.includes('*'));
    const readable = { vary: 'origin', ...(isAllowed && { 'access-control-allow-origin': origin }) };
    return resultOf({ ...response, headers: { ...response.headers, ...readable } });
  };
}
