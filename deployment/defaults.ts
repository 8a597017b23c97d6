import { readFileSync } from 'node:fs';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import * as z from 'zod';

const WITH_MERGE_KEYS = CORE_SCHEMA.withTags(mergeTag);
const SERVICE = new URL('../serverless.yml', import.meta.url);

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const serviceSchema = z.object({ params: z.object({ default: parametersSchema }) });

export type Parameters = z.infer<typeof parametersSchema>;

let defaults: Parameters | undefined;

/** A file of the service, with its merge keys. Each command waits for this: js-yaml takes a tenth of the time that `yaml` takes. */
export const parseYaml = (text: string): unknown => load(text, { schema: WITH_MERGE_KEYS });

export function readParameters(): Parameters {
  defaults ??= serviceSchema.parse(parseYaml(readFileSync(SERVICE, 'utf8'))).params.default;
  return { ...defaults };
}
