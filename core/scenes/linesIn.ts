import { attempt, InvalidSceneFile, insteadOf } from '../base/errors.ts';
import type { SceneStream } from './formats/format.ts';

/**
 * Yields the lines of a text in UTF-8 that each chunk completes.
 * @param what it has, for messages: `a line of JSON`
 * @param isEndless whether the last line may lack its end; if not, the file is cut off without it
 * @throws {InvalidSceneFile} when it is not UTF-8, cut off, or a line is longer than `mostBytes`
 */
export async function* linesIn(
  { key, chunks }: Pick<SceneStream, 'key' | 'chunks'>,
  mostBytes: number,
  what: string,
  isEndless: boolean,
): AsyncGenerator<string[], void, void> {
  const textOf = (bytes: Uint8Array): string => textIn(key, bytes, `${what} that is`);
  const begun: Uint8Array[] = []; // of the last line
  let bytes = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEW_LINE) + 1;
    const whole = end === 0 ? [] : [...begun.splice(0), chunk.subarray(0, end)];
    begun.push(new Uint8Array(chunk.subarray(end))); // copied, because the chunk's memory is reused
    bytes = chunk.length - end + (end === 0 ? bytes : 0);
    if (bytes > mostBytes)
      throw new InvalidSceneFile(
        `${key}: found ${what} of more than ${mostBytes} bytes, which is the limit (the parameter maxRecordBytes)`,
      );
    if (end > 0) yield textOf(Buffer.concat(whole)).split('\n').slice(0, -1);
  }
  if (bytes === 0) return;
  if (!isEndless) throw new InvalidSceneFile(`${key}: found a last line without its end: it is cut off`);
  yield [textOf(Buffer.concat(begun))];
}

/** Returns a text in UTF-8; `what` it is that is not, for the message. Throws `InvalidSceneFile` if it is not UTF-8. */
export function textIn(key: string, bytes: Uint8Array, what: string): string {
  const message = `${key}: found ${what} not UTF-8, allowed is UTF-8`;
  const wrong = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  return attempt(() => utf8.decode(bytes), wrong);
}

const NEW_LINE = 10;
const utf8 = new TextDecoder('utf-8', { fatal: true });
