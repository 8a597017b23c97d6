import * as z from 'zod';
import { attempt, cited, InvalidModelPackage, insteadOf, ObjectNotFound, ObjectTooLarge } from '../base/errors.ts';
import { MAX_BATCH_MODEL_BYTES, MAX_MODEL_BYTES, MAX_PACKAGE_TEXT_BYTES } from '../base/limits.ts';
import type { Chip, ModelPackage } from './package.ts';
import { parseAs } from './problems.ts';
import { MARK, refuseTodos } from './todo.ts';

/** Reads a file of a package by name, with the errors of an object store's `ReadObject`. */
export type ReadPackageFile = (name: string, limit?: number) => Promise<Uint8Array>;

/** The names of a model's files: its graph, and its weights, if they are in a file of their own. */
export const modelFiles = ({ artifact: { file, data } }: Pick<ModelPackage, 'artifact'>): string[] =>
  data === undefined ? [file] : [file, data];

export const mostModelBytes = ({ runner }: Pick<ModelPackage, 'runner'>): number =>
  runner === 'batch' ? MAX_BATCH_MODEL_BYTES : MAX_MODEL_BYTES;

export async function readWithin(readFile: ReadPackageFile, name: string, limit: number): Promise<Uint8Array> {
  const tooLarge = (bytes: number, cause?: unknown) =>
    new InvalidModelPackage(`${name}: found ${bytes} bytes, allowed are at most ${limit}`, { cause });
  const bytes = await readFile(name, limit).catch(insteadOf(ObjectTooLarge, (error) => tooLarge(error.bytes, error)));
  if (bytes.length > limit) throw tooLarge(bytes.length);
  return bytes;
}

export async function readJson(
  readFile: ReadPackageFile,
  name: string,
  { limit = MAX_PACKAGE_TEXT_BYTES, why = 'each package has one' } = {},
): Promise<unknown> {
  const none = `${name}: found no such file, ${why}`;
  const missing = insteadOf(ObjectNotFound, (cause) => new InvalidModelPackage(none, { cause }));
  const bytes = await readWithin(readFile, name, limit).catch(missing);
  const noJson = ({ message }: Error) => `${name}: found no JSON in UTF-8 (${cited(message)})`;
  const invalid = insteadOf(Error, (cause) => new InvalidModelPackage(noJson(cause), { cause }));
  const text = attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes), invalid);
  const json = attempt((): unknown => JSON.parse(text), invalid);
  if (text.includes(MARK)) refuseTodos(name, json); // only then, because the search takes more memory than reading the file
  return json;
}

export const SAMPLE_FILE = 'sample.json';

const number = z.number().nullable();
const values = [z.string(), number, z.array(z.string()), z.record(z.string(), number)];
const told = z.union(values, 'a number, a text, a list of texts, or an object of numbers');
const sampleMembers = {
  input: z.custom<unknown>((input) => input !== undefined, 'an input as a request has it'),
  prediction: z.record(z.string(), told, 'an object of what an answer has of such an input'),
};
const sampleSchema = z.strictObject(sampleMembers, 'an object with "input" and "prediction", and nothing else');
/** A chip in a package with its expected prediction, to test whether the model still gives it. docs/models.md#sample */
type StoredSample = z.infer<typeof sampleSchema>;

/** Reads a package's sample, or null. Throws `InvalidModelPackage`; whether its input fits is checked elsewhere. */
export async function readStoredSample(files: ReadPackageFile): Promise<StoredSample | null> {
  const json = await readJson(files, SAMPLE_FILE).catch((error: Error) => {
    if (error.cause instanceof ObjectNotFound) return undefined;
    throw error;
  });
  return json === undefined ? null : parseAs(sampleSchema, SAMPLE_FILE, json);
}

export type Sample = StoredSample & { readonly chip: Chip };
