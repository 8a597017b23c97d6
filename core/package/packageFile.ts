import { cited, InvalidModelPackage, insteadOf, ObjectNotFound, ObjectTooLarge } from '../base/errors.ts';
import { MAX_BATCH_MODEL_BYTES, MAX_MODEL_BYTES, MAX_PACKAGE_TEXT_BYTES } from '../base/limits.ts';
import type { ModelPackage } from './package.ts';
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
  const [text, json] = parsed(name, bytes);
  if (text.includes(MARK)) refuseTodos(name, json); // only then, because the search takes more memory than reading the file
  return json;
}

function parsed(name: string, bytes: Uint8Array): [text: string, json: unknown] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return [text, JSON.parse(text)];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidModelPackage(`${name}: found no JSON in UTF-8 (${cited(reason)})`, { cause });
  }
}
