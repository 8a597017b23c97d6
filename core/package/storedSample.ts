import * as z from 'zod';
import { ObjectNotFound } from '../base/errors.ts';
import type { Chip } from './package.ts';
import { type ReadPackageFile, readJson } from './packageFile.ts';
import { parseAs } from './problems.ts';

export const SAMPLE_FILE = 'sample.json';

const number = z.number().nullable();
const values = [z.string(), number, z.array(z.string()), z.record(z.string(), number)];
const told = z.union(values, 'a number, a text, a list of texts, or an object of numbers');
const members = {
  input: z.custom<unknown>((input) => input !== undefined, 'an input as a request has it'),
  prediction: z.record(z.string(), told, 'an object of what an answer has of such an input'),
};
const schema = z.strictObject(members, 'an object with "input" and "prediction", and nothing else');
/** A chip in a package with its expected prediction, to test whether the model still gives it. docs/models.md#sample */
type StoredSample = z.infer<typeof schema>;

/** Reads a package's sample, or null. Throws `InvalidModelPackage`; whether its input fits is checked elsewhere. */
export async function readStoredSample(files: ReadPackageFile): Promise<StoredSample | null> {
  const json = await readJson(files, SAMPLE_FILE).catch((error: Error) => {
    if (error.cause instanceof ObjectNotFound) return undefined;
    throw error;
  });
  return json === undefined ? null : parseAs(schema, SAMPLE_FILE, json);
}

export type Sample = StoredSample & { readonly chip: Chip };
