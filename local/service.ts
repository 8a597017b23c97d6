import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/**
 * The service's own files, as the embedded stack reads them: what runs on a laptop is what deploys, so nothing of it is
 * written twice.
 */

const PROJECT = new URL('../', import.meta.url);

const serviceSchema = z.object({
  params: z.object({ default: z.record(z.string(), z.union([z.string(), z.number()])) }),
});
const functionSchema = z.object({ timeout: z.number() });
const tableSchema = z.object({ Properties: z.looseObject({ TableName: z.unknown() }) });

/** The parameters' defaults in serverless.yml. */
export function readParameters(): Record<string, string | number> {
  return serviceSchema.parse(readYaml('serverless.yml')).params.default;
}

/** A function's time-out, in seconds. */
export function readTimeout(name: string): number {
  return functionSchema.parse(readYaml(`functions/${name}/function.yml`)).timeout;
}

/** The state machine's definition, with its references to functions replaced by ARNs of the same names. */
export function readDefinition(): Record<string, unknown> {
  const arn = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(arn);
    if (typeof value !== 'object' || value === null) return value;
    if ('Fn::GetAtt' in value) {
      const [name] = z.tuple([z.string(), z.literal('Arn')]).parse(value['Fn::GetAtt']);
      return functionArn(name);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, arn(item)]));
  };
  return z.record(z.string(), z.unknown()).parse(arn(readYaml('stepfunctions/pipeline.yml')));
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}

/** The properties of a table in resources/tables.yml, by its logical id. */
export function readTable(logicalId: string): Record<string, unknown> {
  const { Resources } = z
    .object({ Resources: z.record(z.string(), z.unknown()) })
    .parse(readYaml('resources/tables.yml'));
  return tableSchema.parse(Resources[logicalId]).Properties;
}

function readYaml(path: string): unknown {
  return parse(readFileSync(new URL(path, PROJECT), 'utf8'), { merge: true });
}
