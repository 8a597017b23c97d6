import * as z from 'zod';
import { PIPELINE_FUNCTIONS } from '../core/base/functions.ts';
import { timeoutParameter } from '../core/parameters/ofDeployment.ts';
import { type ObservedValues, observed } from '../core/parameters/parameters.ts';

/** The parameters of a stage that the panels, the alarms and the command line depend on. */
export type ObservedParameters = ObservedValues & {
  stage: string;
  stateMachineArn: string;
  /** The embedded stack's data folder, as the user named it; none of a deployed stage. */
  dataDir?: string;
  /** The time-outs in seconds of the functions that the state machine calls. */
  timeouts: Record<string, number>;
};

const schemas = observed.map(([name, { type }]) => [name, type === 'number' ? z.number() : z.string()] as const);
const valuesSchema = z.object(Object.fromEntries(schemas)).transform((values) => values as ObservedValues);

export const observedParametersSchema: z.ZodType<ObservedParameters> = z
  .object({ stage: z.string(), stateMachineArn: z.string(), timeouts: z.record(z.string(), z.number()) })
  .and(valuesSchema);

/** Reads the observed parameters. Invalid ones are not refused, so that a stack that has one can still be removed. */
export function observedOf(
  stage: Pick<ObservedParameters, 'stage' | 'stateMachineArn' | 'dataDir'>,
  parameters: Record<string, unknown>,
): ObservedParameters {
  const read = (value: unknown, type: string) => (type === 'number' ? Number(value) : String(value ?? ''));
  const values = observed.map(([name, { type }]) => [name, read(parameters[name], type)]);
  const timeouts = PIPELINE_FUNCTIONS.map((name) => [name, Number(parameters[timeoutParameter(name)])]);
  return { ...stage, ...(Object.fromEntries(values) as ObservedValues), timeouts: Object.fromEntries(timeouts) };
}

const NAMES = [...observed.map(([name]) => name), ...PIPELINE_FUNCTIONS.map(timeoutParameter)];

/** Asks the Serverless Framework for a variable of serverless.yml, such as `param:throwAway`. */
export type Ask = (variable: string) => Promise<unknown>;

/** Asks the Serverless Framework for the observed parameters of the stage that it deploys. */
export async function askObserved(ask: Ask, stateMachineArn: string): Promise<ObservedParameters> {
  const values = await Promise.all(NAMES.map(async (name) => [name, await ask(`param:${name}`)]));
  return observedOf({ stage: String(await ask('sls:stage')), stateMachineArn }, Object.fromEntries(values));
}

/** Service levels of predictions over HTTP, for an account's alarms and panels; servers': deployment/monitoring/alerts.yml */
export const SERVICE_LEVELS = {
  /** The share of a day's requests that may be answered with 5xx: the objective is 99.99 %. */
  failedOfDay: { share: 0.0001, seconds: 86_400 },
  /** The same for a few minutes. */
  failedOfMinutes: { share: 0.014, seconds: 300 },
  /** The percentage of answers within the parameter `apiLatencyLimit`, in which cold starts are included. */
  fast: { percentile: 95 },
} as const;

/** Formats a share in per cent, also small ones: 0.0001 is 0.01 %. */
export const shareInWords = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;
