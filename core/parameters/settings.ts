import * as z from 'zod';
import { functionParameters, variableOf } from './ofFunctions.ts';

const text = z.string().trim().min(1);

/** Settings of functions besides the parameters: the names of the deployment's resources. */
const names = {
  stage: text,
  stateMachineArn: text,
  ledgerTable: text,
  metricsTable: text,
  featuresTable: text,
  inboxBucket: text,
  inboxSince: z.union([z.literal('').transform(() => undefined), z.iso.datetime()]).optional(),
  resultsBucket: text,
  modelsBucket: text,
  /** The tables' database in the catalogue; empty if a stage is deployed without tables, and on a laptop. */
  sqlDatabase: z.string(),
};

type Named = { [Name in keyof typeof names]: z.output<(typeof names)[Name]> };
type Parameters = { [Name in keyof typeof functionParameters]: z.output<(typeof functionParameters)[Name]['schema']> };

const parameters = Object.entries(functionParameters).map(([name, { schema }]) => [name, schema] as const);
const schemas: Record<string, z.ZodType> = { ...names, ...Object.fromEntries(parameters) };
const schema = z.object(Object.fromEntries(Object.entries(schemas).map(([name, each]) => [variableOf(name), each])));

/** Texts that may be empty: AWS Batch leaves those out of a job's environment. */
const EMPTY = Object.fromEntries(
  Object.entries(schema.shape).flatMap(([name, one]) => (one.safeParse('').data === '' ? [[name, '']] : [])),
);

export type Settings = ReturnType<typeof readSettings>;

/** Reads the settings from an environment; fails at once if one is missing or invalid, and names it. */
export function readSettings(environment: Record<string, string | undefined>) {
  const set = schema.parse({ ...EMPTY, ...environment });
  const all = Object.fromEntries(Object.keys(schemas).map((name) => [name, set[variableOf(name)]]));
  const { maxFileBytes, maxRecordBytes, maxChips, driftThreshold, driftMinimum, ...others } = all as Named & Parameters;
  const sceneLimits = { maxFileBytes, maxRecordBytes, maxChips };
  const bulkPrefix = others.inboxPrefix + others.bulkPrefix; // as a key begins
  return { ...others, bulkPrefix, sceneLimits, threshold: driftThreshold, minimum: driftMinimum };
}
