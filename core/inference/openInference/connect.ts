import * as z from 'zod';
import * as errors from '../../base/errors.ts';
import { checkAgainstGraph, type Graph, inputName, outputName } from '../../package/check.ts';
import type { ModelPackage } from '../../package/package.ts';
import { parseAs } from '../../package/problems.ts';
import type { Runner, Tensors } from '../runtime.ts';
import * as endpoints from './endpoint.ts';
import { type Datatype, datatypeOf, decodeBody, encodeBody, type NamedTensor, typeOf } from './message.ts';

const ADDRESS = 'the address of a server, such as "https://models.example.org", without a password, ? or #';

function isAddress(text: string): boolean {
  const { protocol, username, password, search, hash } = URL.parse(text) ?? {};
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${search}${hash}` === '';
}

const servedSchema: z.ZodType<endpoints.ServedModel> = z.strictObject({
  url: z.string(ADDRESS).refine(isAddress, ADDRESS),
  model: z.string().min(1),
  version: z.string().min(1).optional(),
});

const name = z.string().regex(/^[a-z\d](-*[a-z\d]){0,62}$/i, 'a name of up to 63 letters, digits and hyphens');
const sageMakerSchema: z.ZodType<endpoints.SageMakerEndpoint> = z
  .strictObject({
    sagemaker: name,
    region: z
      .string()
      .regex(/^[a-z]+(-[a-z]+)+-\d$/, 'a region, such as "us-east-1"')
      .optional(),
    variant: name.optional(),
    model: z.string().min(1).optional(),
    asynchronous: z.boolean().optional(),
  })
  .refine(
    ({ asynchronous, variant, model }) => asynchronous !== true || (variant ?? model) === undefined,
    'neither a variant nor a model beside "asynchronous": true',
  );

/** Statuses of a server that has too much to do, or is not there behind its gateway. */
const LATER: readonly number[] = [408, 425, 429, 502, 503, 504];
/** Statuses by which servers that know JSON alone refuse binary tensors; MLServer 1.7 fails on them. */
const NOT_BINARY: readonly number[] = [400, 415, 422, 500];

/** Opens a model on the server or endpoint that its file names. Throws as `Runtime.open` does. */
export async function connect(model: ModelPackage, file: Uint8Array, ask: endpoints.AskEndpoint): Promise<Runner> {
  const named = errors.jsonIn(new TextDecoder().decode(file));
  const schema = Object(named).sagemaker === undefined ? servedSchema : sageMakerSchema;
  const endpoint = parseAs<endpoints.ServedModel | endpoints.SageMakerEndpoint>(schema, model.artifact.file, named);
  const isServed = 'url' in endpoint;
  const path = isServed ? pathOf(endpoint) : endpoints.sageMakerName(endpoint);
  const pinned = isServed ? endpoint.version : undefined;
  const wrong = (what: string) => new errors.InvalidModelPackage(`${model.artifact.file}: ${path} answers ${what}`);
  // A server may leave out what its models take and give, and SageMaker's endpoints have no route that says it.
  const graph: Graph = isServed ? await describedGraph() : { inputMetadata: [], outputMetadata: [] };
  const isDescribed = graph.inputMetadata.length > 0 && graph.outputMetadata.length > 0;
  const problems = isDescribed ? checkAgainstGraph(model, graph) : [];
  if (problems.length > 0) throw new errors.InvalidModelPackage(problems.join('; '));
  const names = new Map(model.inputs.map((input) => [input.name, inputName(model, input, graph) ?? input.name]));
  const wanted = outputName(model, graph) ?? model.output.name;
  /** Whether the server takes binary tensors; undefined until one of its answers shows that. A queue is paid for each try. */
  let isBinary: boolean | undefined = isServed || endpoint.asynchronous !== true ? undefined : true;
  /** The same for the same version of a package: by its body, a queue's answer is found again. */
  const id = `${model.name}/${model.version}`;

  async function describedGraph(): Promise<Graph> {
    const answer = await ask(endpoint, path);
    if (answer.status !== 200) throw refusal(model, path, answer);
    const json = errors.jsonIn(new TextDecoder().decode(answer.bytes));
    const { inputs, outputs } = parseAs(graphSchema, model.artifact.file, json);
    const described = ({ name, datatype, shape }: z.infer<typeof valueSchema>) => ({
      name,
      isTensor: true,
      type: typeOf(datatype as Datatype),
      shape: shape.map((size) => (size < 0 ? '' : size)),
    });
    return { inputMetadata: (inputs ?? []).map(described), outputMetadata: (outputs ?? []).map(described) };
  }

  function send(tensors: readonly NamedTensor[], asBinary: boolean): Promise<endpoints.EndpointAnswer> {
    const outputs = [{ name: wanted, parameters: { binary_data: asBinary } }];
    const body = encodeBody({ id, outputs }, 'inputs', tensors, () => asBinary);
    return ask(endpoint, isServed ? `${path}/infer` : path, body);
  }

  async function infer(tensors: readonly NamedTensor[]): Promise<endpoints.EndpointAnswer> {
    const first = await send(tensors, isBinary ?? true);
    const isRefused = isBinary === undefined && NOT_BINARY.includes(first.status);
    const answered = isRefused ? await send(tensors, false) : first;
    if (answered.status === 200) isBinary ??= !isRefused;
    return answered;
  }

  async function run(inputs: Tensors): Promise<Tensors> {
    const tensors = [...inputs].map(([input, { type, dims, data }]): NamedTensor => {
      return { name: names.get(input) ?? input, datatype: datatypeOf(type), shape: dims, data };
    });
    const answered = await infer(tensors);
    const { status, bytes, jsonLength } = answered;
    if (status !== 200) throw refusal(model, path, answered);
    const unreadable = ({ message }: Error) => wrong(`what cannot be read: ${message}`);
    const read = () => decodeBody(bytes, 'outputs', jsonLength, bytes.length);
    const { fields, tensors: found } = errors.attempt(read, errors.insteadOf(errors.InvalidMessage, unreadable));
    const { model_version: by } = fields; // which servers may leave out, or leave empty
    if (pinned !== undefined && typeof by === 'string' && ![pinned, ''].includes(by))
      throw wrong(`by the version ${errors.citedStart(by, 80)}, allowed is ${pinned}`);
    const alone = isDescribed || found.length > 1 ? undefined : found[0]; // whose name nothing has said
    const output = found.find(({ name }) => name === wanted) ?? alone;
    if (output === undefined) throw wrong(`without the output ${wanted}: ${saidIn(bytes)}`);
    const { datatype, shape, data } = output;
    const { dataType } = model.output;
    const isOther = dataType.startsWith('float') && !datatype.startsWith('FP'); // floats may have another size
    if (isOther || !ArrayBuffer.isView(data)) throw wrong(`${datatype}, allowed is ${datatypeOf(dataType)}`);
    return new Map([[model.output.name, { type: typeOf(datatype), dims: shape, data }]]);
  }

  return { run };
}

function pathOf({ model, version }: endpoints.ServedModel): string {
  const of = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
  return `/v2/models/${encodeURIComponent(model)}${of}`;
}

const valueSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) });
const graphSchema = z.object({ inputs: z.array(valueSchema).nullish(), outputs: z.array(valueSchema).nullish() });

function refusal({ artifact }: ModelPackage, path: string, { status, bytes }: endpoints.EndpointAnswer): Error {
  const said = `${artifact.file}: ${path} answers ${status}: ${saidIn(bytes)}`;
  if (LATER.includes(status)) return new errors.EndpointUnavailable(said);
  return status >= 500 ? new errors.TransientTrouble(said) : new errors.InvalidModelPackage(said);
}

/** Servers say why in the member `error`. */
function saidIn(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 10_000));
  const { error } = Object(errors.jsonIn(text)) as { error?: unknown };
  return errors.citedStart(typeof error === 'string' ? error : text, 300);
}
