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
  const textOf = (bytes: Uint8Array): string =>
    attempt(
      () => utf8.decode(bytes),
      insteadOf(
        Error,
        (cause) => new InvalidSceneFile(`${key}: found ${what} that is not UTF-8, allowed is UTF-8`, { cause }),
      ),
    );
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = all.lastIndexOf(NEW_LINE) + 1;
    rest = all.slice(end); // copied, because the chunk's memory is reused
    if (rest.length > mostBytes)
      throw new InvalidSceneFile(
        `${key}: found ${what} of more than ${mostBytes} bytes, which is the limit (the parameter maxRecordBytes)`,
      );
    if (end > 0) yield textOf(all.subarray(0, end)).split('\n').slice(0, -1);
  }
  if (rest.length === 0) return;
  if (!isEndless) throw new InvalidSceneFile(`${key}: found a last line without its end: it is cut off`);
  yield [textOf(rest)];
}

const NEW_LINE = 10;
const utf8 = new TextDecoder('utf-8', { fatal: true });
