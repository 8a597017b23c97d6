import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { JSON_LENGTH_HEADER, SAGEMAKER_TYPE } from '../../core/inference/openInference/endpoint.ts';
import { decodeBody, encodeBody } from '../../core/inference/openInference/message.ts';

/** What a model on another server predicts for each chip of the bundled baseline. */
export const CONSTANT = [0.125, 0.125, 0.5, 0.25];

/** Answers a body of the Open Inference Protocol with the constant for each chip, as binary tensors. */
export function constantAnswer(bytes: Uint8Array, jsonLength: string | undefined) {
  const { tensors } = decodeBody(bytes, 'inputs', jsonLength, bytes.length);
  const chips = tensors[0]!.shape[0]!;
  const data = Float32Array.from(Array.from({ length: chips }, () => CONSTANT).flat());
  return encodeBody(
    {},
    'outputs',
    [{ name: 'y', datatype: 'FP32', shape: [chips, CONSTANT.length], data }],
    () => true,
  );
}

/** The same, as a container in SageMaker is asked and answers. */
export function constantInvocation(bytes: Uint8Array, contentType: string) {
  const { bytes: body, headers } = constantAnswer(bytes, contentType.split(SAGEMAKER_TYPE)[1]);
  return { headers: { 'content-type': `${SAGEMAKER_TYPE}${headers[JSON_LENGTH_HEADER]}` }, body };
}

/** A server of the Open Inference Protocol that wants a token, and describes nothing. */
export async function startConstantModel(token: string) {
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (request.headers.authorization !== `Bearer ${token}`)
      return void response.writeHead(401).end(`${request.headers.authorization} is not known.`);
    if (request.method === 'GET') return void response.end('{}');
    const { bytes, headers } = constantAnswer(body, request.headers[JSON_LENGTH_HEADER] as string | undefined);
    response.writeHead(200, headers).end(bytes);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}
