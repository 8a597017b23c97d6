import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Has a container answer a body of a content type; SageMaker hands nothing else on. */
export type Invoke = (body: Uint8Array, type: string) => Promise<Response>;

/** A container's own route, which gets the body and its content type. */
export const containerAt =
  (url: string): Invoke =>
  (body, type) =>
    fetch(`${url}/invocations`, { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(body) });

/**
 * As much of SageMaker's runtime as its two calls take, in front of a container. Clients of this process that are made from now on ask it.
 *
 * @param objects those of the bucket `results`, by which an asynchronous endpoint is asked and answers
 */
export async function startSageMakerRuntime(invoke: Invoke, objects: Map<string, Uint8Array>) {
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const location = request.headers['x-amzn-sagemaker-inputlocation'];
    if (location === undefined) {
      const answer = await invoke(body, request.headers['content-type']!);
      const bytes = Buffer.from(await answer.arrayBuffer());
      const type = answer.headers.get('content-type') ?? '';
      if (answer.status === 200) return void response.writeHead(200, { 'content-type': type }).end(bytes);
      const original = { OriginalStatusCode: answer.status, OriginalMessage: bytes.toString() };
      return void response.writeHead(424, { 'x-amzn-errortype': 'ModelError' }).end(JSON.stringify(original));
    }
    const key = String(location).replace('s3://results/', '');
    const output = key.replace('requests', 'answers');
    response.writeHead(202, { 'x-amzn-sagemaker-outputlocation': `s3://results/${output}` }).end('{}');
    const answer = await invoke(objects.get(key)!, String(request.headers['x-amzn-sagemaker-content-type']));
    objects.set(output, new Uint8Array(await answer.arrayBuffer()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const account = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  Object.assign(process.env, { ...account, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url });
  return {
    url,
    close: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}
