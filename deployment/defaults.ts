import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const SERVICE = new URL('../serverless.yml', import.meta.url);

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const serviceSchema = z.object({ params: z.object({ default: parametersSchema }) });

export type Parameters = z.infer<typeof parametersSchema>;

let defaults: Parameters | undefined;

export function readParameters(): Parameters {
  defaults ??= serviceSchema.parse(parse(readFileSync(SERVICE, 'utf8'), { merge: true })).params.default;
  return { ...defaults };
}
