import * as z from 'zod';
import { PIPELINE_FUNCTIONS } from '../core/functions.ts';
import { timeoutParameter } from '../core/parameters/ofDeployment.ts';
import { type ObservedValues, observed } from '../core/parameters/parameters.ts';

/** What of a stage the panels, the alarms and the command line depend on. */
export type ObservedParameters = ObservedValues & {
  stage: string;
  /** Whose executions are counted. */
  stateMachineArn: string;
  /** The time-outs in seconds of the functions that the state machine calls. */
  timeouts: Record<string, number>;
};

/** As a stage says it of itself; one of a release before this one says less. */
export const observedParametersSchema: z.ZodType<ObservedParameters> = z
  .object({ stage: z.string(), stateMachineArn: z.string(), timeouts: z.record(z.string(), z.number()) })
  .and(z.object(Object.fromEntries(observed.map(schemaOf))).transform((values) => values as ObservedValues));

function schemaOf([name, { type, formerly }]: (typeof observed)[number]): [string, z.ZodType] {
  const schema: z.ZodType = type === 'number' ? z.number() : z.string();
  return [name, formerly === undefined ? schema : schema.default(formerly)];
}

/** What is observed of the parameters in force, of which a wrong one is taken as it is: a stack that has one can still be removed. */
export function observedOf(
  stage: Pick<ObservedParameters, 'stage' | 'stateMachineArn'>,
  parameters: Record<string, unknown>,
): ObservedParameters {
  const values = observed.map(([name, { type }]) => [
    name,
    type === 'number' ? Number(parameters[name]) : String(parameters[name] ?? ''),
  ]);
  const timeouts = PIPELINE_FUNCTIONS.map((name) => [name, Number(parameters[timeoutParameter(name)])]);
  return {
    ...stage,
    ...(Object.fromEntries(values) as ObservedValues),
    timeouts: Object.fromEntries(timeouts),
  };
}

/** The parameters that it takes to say so. */
export const OBSERVED_NAMES = [...observed.map(([name]) => name), ...PIPELINE_FUNCTIONS.map(timeoutParameter)];
