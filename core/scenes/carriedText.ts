import { citedStart, InvalidSceneFile } from '../base/errors.ts';
import { MAX_CARRIED_LENGTH } from '../base/limits.ts';
import type { Carried, CarriedValue } from '../package/carry.ts';
import { numberIn } from './numberIn.ts';

/**
 * Converts a text from a file into the value of a feature that is passed through: the text itself, or the number it
 * denotes. An empty text is null.
 * @throws {InvalidSceneFile} when the text is too long or not a number; the message begins with `where`
 */
export function carriedText({ name, type }: Carried, text: string, where: () => string): CarriedValue {
  if (text === '') return null;
  if (text.length > MAX_CARRIED_LENGTH)
    throw new InvalidSceneFile(
      `${where()}: ${name}: found a text of ${text.length} characters, allowed are at most ${MAX_CARRIED_LENGTH}, as it is passed through`,
    );
  if (text.includes('\ufffd'))
    throw new InvalidSceneFile(`${where()}: ${name}: found a text that is not UTF-8, allowed is UTF-8`);
  if (type === 'STRING') return text;
  const number = numberIn(text);
  if (number === null)
    throw new InvalidSceneFile(
      `${where()}: ${name}: found ${citedStart(text, 40)}, allowed is a number, as item.json says (swath:carry)`,
    );
  return number;
}
