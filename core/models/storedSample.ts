import * as z from 'zod';
import { ObjectNotFound } from '../errors.ts';
import type { Answered } from '../tasks/task.ts';
import { parseAs } from './problems.ts';
import { type ReadPackageFile, readJson } from './readPackage.ts';

/** A chip that a package brings along, with what its model predicts for it: to see whether it still does. docs/models.md#sample */
export type StoredSample = {
  /** As a request has it. */
  readonly input: unknown;
  /** What an answer has of it. */
  readonly prediction: Answered;
};

export const SAMPLE_FILE = 'sample.json';

const number = z.number().nullable();
const told = z.union(
  [z.string(), number, z.array(z.string()), z.record(z.string(), number)],
  'a number, a text, a list of texts, or an object of numbers',
);
const schema = z.strictObject(
  {
    input: z.custom<unknown>((input) => input !== undefined, 'an input as a request has it'),
    prediction: z.record(z.string(), told, 'an object of what an answer has of such an input'),
  },
  'an object with "input" and "prediction", and nothing else',
);

/**
 * Reads a package's sample as it is stored: null where it has none.
 *
 * @throws {InvalidModelPackage} where it is no sample; whether its input is one of the model's, is for whoever reads the input
 */
export async function readStoredSample(files: ReadPackageFile): Promise<StoredSample | null> {
  const json = await readJson(files, SAMPLE_FILE).catch((error: Error) => {
    if (error.cause instanceof ObjectNotFound) return undefined;
    throw error;
  });
  return json === undefined ? null : parseAs(schema, SAMPLE_FILE, json);
}
