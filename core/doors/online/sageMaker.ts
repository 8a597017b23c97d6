import { attempt, InvalidMessage, insteadOf } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import { JSON_LENGTH_HEADER, SAGEMAKER_TYPE } from '../../inference/openInference/endpoint.ts';
import { datatypeOf, decodeBody, encodeBody, typeOf } from '../../inference/openInference/message.ts';
import type { TensorData, Tensors } from '../../inference/runtime.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { OnlineRoute } from './answer.ts';
import { jsonResponse, Problem } from './http.ts';
import { MAX_JSON_BYTES } from './openInference.ts';

type Ports = {
  models: { live: () => Promise<readonly ModelRef[]> };
  predictor: (ref: ModelRef) => Promise<{ model: Pick<ModelPackage, 'inputs'>; runTensors: RunTensors }>;
  /** How long a call may wait. */
  seconds: number;
  isReady: () => boolean;
};

type RunTensors = (tensors: Tensors, seconds: number, isGone?: () => boolean) => Promise<Tensors>;

/**
 * The routes of a container in SageMaker: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 * The inputs are the tensors of the graph, unlike in /v2: a service of ours that has this endpoint for a model prepares them.
 */
export function sageMakerRoutes({ models, predictor, seconds, isReady }: Ports): OnlineRoute[] {
  const invoke: OnlineRoute['reply'] = async ({ request: { headers, body, isGone }, about }) => {
    const [ref, ...others] = await models.live();
    if (ref === undefined || others.length > 0)
      throw new Problem(404, 'Found none or several live models, allowed is one behind /invocations.');
    about.model = ref;
    // SageMaker hands no other header on than the content type.
    const [, length = headers[JSON_LENGTH_HEADER]] = (headers['content-type'] ?? '').split(SAGEMAKER_TYPE);
    const wrong = (status: 400 | 422) => (error: Error) => new Problem(status, error.message);
    const read = () => decodeBody(body, 'inputs', length, MAX_JSON_BYTES);
    const { tensors } = attempt(read, insteadOf(InvalidMessage, wrong(400)));
    const inputs = tensors.map(({ name, datatype, shape: dims, data }) => {
      return [name, { type: typeOf(datatype), dims, data: data as TensorData }] as const;
    });
    const { model, runTensors } = await predictor(ref);
    const most = model.inputs.length; // onnxruntime refuses where one is missing, but takes no notice of others
    if (tensors.length > most)
      throw new Problem(422, `Found ${tensors.length} tensors, allowed is each of the graph's inputs once: ${most}.`);
    const running = runTensors(new Map(inputs), seconds, isGone);
    const ran = await running.catch(insteadOf('Error', wrong(422))); // onnxruntime's own
    const outputs = [...ran].map(([name, { type, dims, data }]) => {
      return { name, datatype: datatypeOf(type), shape: dims, data };
    });
    const answer = encodeBody({}, 'outputs', outputs, () => length !== undefined);
    const { [JSON_LENGTH_HEADER]: size } = answer.headers;
    const type = size !== undefined && { 'content-type': `${SAGEMAKER_TYPE}${size}` };
    return { status: 200, headers: { ...answer.headers, ...type }, body: answer.bytes };
  };
  return [
    { method: 'GET', path: '/ping', reply: () => jsonResponse({ ready: isReady() }, isReady() ? 200 : 503) },
    { method: 'POST', path: '/invocations', reply: invoke },
  ];
}
