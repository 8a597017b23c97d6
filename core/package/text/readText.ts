import { InvalidModelPackage, insteadOf, ObjectNotFound } from '../../base/errors.ts';
import { MAX_TOKENIZER_BYTES } from '../../base/limits.ts';
import { nullIfNotFound } from '../../base/objectStore.ts';
import { type ReadPackageFile, readWithin } from '../packageFile.ts';
import type { TextFacts, TextInputs } from './textFacts.ts';

export const TOKENIZER_FILE = 'tokenizer.json';
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';

/**
 * Reads the tokenizer of a text package.
 * @throws {InvalidModelPackage} when there is none, or it is too large
 */
export async function readText(readFile: ReadPackageFile, text: TextInputs): Promise<TextFacts> {
  const missing = `${TOKENIZER_FILE}: found no such file, each package of a text model has one, as tokenizer.save_pretrained() writes it`;
  const none = insteadOf(ObjectNotFound, (cause) => new InvalidModelPackage(missing, { cause }));
  const [tokenizer, config] = await Promise.all([
    readWithin(readFile, TOKENIZER_FILE, MAX_TOKENIZER_BYTES).catch(none),
    readWithin(readFile, TOKENIZER_CONFIG_FILE, MAX_TOKENIZER_BYTES).catch(nullIfNotFound),
  ]);
  return { ...text, files: { tokenizer, config } };
}
