import { readFileSync } from 'node:fs';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import * as z from 'zod';
import { lazily } from '../core/base/lazily.ts';

const WITH_MERGE_KEYS = CORE_SCHEMA.withTags(mergeTag);
const SERVICE = new URL('../serverless.yml', import.meta.url);

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const serviceSchema = z.object({ params: z.object({ default: parametersSchema }) });

export type Parameters = z.infer<typeof parametersSchema>;

/** A file of the service, with its merge keys. Each command waits for this: js-yaml takes a tenth of the time that `yaml` takes. */
export const parseYaml = (text: string): unknown => load(text, { schema: WITH_MERGE_KEYS });

const defaults = lazily(() => serviceSchema.parse(parseYaml(readFileSync(SERVICE, 'utf8'))).params.default);

export const readParameters = (): Parameters => ({ ...defaults() });
