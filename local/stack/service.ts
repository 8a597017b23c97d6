import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StateMachine } from 'aws-local-stepfunctions';
import { lazily } from '../../core/base/lazily.ts';
import { timeoutParameter } from '../../core/parameters/ofDeployment.ts';
import { type Parameters, parseYaml, readParameters } from '../../deployment/defaults.ts';

/** The service's own files, as the embedded stack reads them: what runs on a laptop is what deploys, written once. */

const PROJECT = new URL('../../', import.meta.url);
const PIPELINE = 'stepfunctions/pipeline.yml';
/** What a file says, which nobody changes: who asks gets a copy of what it needs. */
const saidBy = (path: string) => lazily(() => parseYaml(readFileSync(new URL(path, PROJECT), 'utf8')) as object);
const pipeline = saidBy(PIPELINE);
const tables = saidBy('resources/storage/tables.yml');
const buckets = saidBy('resources/storage/buckets.yml');
/** Starts a job of AWS Batch and waits for its end. */
const SUBMIT_JOB = 'arn:aws:states:::batch:submitJob.sync';

type Bucket = { LifecycleConfiguration: { Rules: { Prefix?: string; ExpirationInDays?: number }[] } };

export const timeoutOf = (name: string, parameters: Parameters = readParameters()): number =>
  Number(parameters[timeoutParameter(name)]);

/** The state machine's definition, with ARNs for its references to functions, and parameters for its variables. */
export const readDefinition = (parameters = readParameters()): Definition =>
  JSON.parse(
    JSON.stringify(filledIn(pipeline(), parameters), (_key, value) =>
      isReference(value) ? `${FUNCTION_ARN}${value['Fn::GetAtt'][0]}` : (inPartition(value) ?? value),
    ),
  );

/** However deep in a Map: for each task state, the function that it calls; those that run jobs in containers; and the waiting states. */
export function readStates(): { tasks: Record<string, string>; jobs: string[]; waits: string[] } {
  const tasks: Record<string, string> = {};
  const jobs: string[] = [];
  const waits: string[] = [];
  JSON.stringify(pipeline(), (key, value) => {
    const resource: unknown = value?.Resource;
    if (isReference(resource)) tasks[key] = resource['Fn::GetAtt'][0];
    if (inPartition(resource) === SUBMIT_JOB) jobs.push(key);
    if (value?.Type === 'Wait') waits.push(key);
    return value;
  });
  return { tasks, jobs, waits };
}

/** Throws where the state machine's definition, read with the first execution, is missing: without it, each file would fail. */
export function assertDefinitionIsThere(): void {
  const path = fileURLToPath(new URL(PIPELINE, PROJECT));
  if (existsSync(path)) return;
  throw new Error(
    `${path}: found no such file. It is the state machine that each file goes through, so nothing can be classified. Have Swath checked out or unpacked whole, and run the same command again.`,
  );
}

const isReference = (value: unknown): value is { 'Fn::GetAtt': [string, 'Arn'] } =>
  typeof value === 'object' && value !== null && 'Fn::GetAtt' in value;

/** The text of a `Fn::Sub` that names the partition. */
const inPartition = (value: unknown): string | undefined =>
  Object(value)['Fn::Sub']?.replace(/\$\{AWS::Partition\}/, 'aws');

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:';

export type Definition = ConstructorParameters<typeof StateMachine>[0];

/** The properties of a table in resources/storage/tables.yml, by its logical id. */
export const readTable = (logicalId: string) => propertiesOf<Record<string, unknown>>(tables(), logicalId);

/** What a bucket of resources/storage/buckets.yml lets expire: keys under a prefix, after so many days. */
export function readExpirations(logicalId: string): { prefix: string; days: number }[] {
  const { LifecycleConfiguration } = propertiesOf<Bucket>(buckets(), logicalId);
  return LifecycleConfiguration.Rules.flatMap(({ Prefix, ExpirationInDays }) =>
    Prefix === undefined || ExpirationInDays === undefined ? [] : [{ prefix: Prefix, days: ExpirationInDays }],
  );
}

const propertiesOf = <Properties>(file: object, logicalId: string): Properties =>
  Object(filledIn(file, readParameters())).Resources[logicalId].Properties;

/** The same with its parameters' values: `${param:NAME}` within a text, `${text:NAME}` and `${number:NAME}` in place of one. */
function filledIn(node: unknown, parameters: Parameters): unknown {
  const text = JSON.stringify(node, (_key, value) => {
    if (typeof value !== 'string') return value;
    const [, number] = /^\$\{number:(\w+)\}$/.exec(value) ?? [];
    if (number !== undefined) return Number(parameters[number]);
    return value.replaceAll(/\$\{(?:param|text):(\w+)\}/g, (_, name: string) => String(parameters[name]));
  });
  return JSON.parse(text);
}
