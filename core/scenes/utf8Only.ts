import { attempt, InvalidSceneFile, insteadOf } from '../base/errors.ts';

/**
 * Hands on the chunks of a text. Whoever decodes them leniently could not tell a sign of another encoding from a U+FFFD that is written there.
 * @throws {InvalidSceneFile} when they are not UTF-8
 */
export async function* utf8Only(
  key: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const message = `${key}: found texts that are not UTF-8, allowed is UTF-8. Save the file in that encoding.`;
  const wrong = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  for await (const chunk of chunks) {
    attempt(() => decoder.decode(chunk, { stream: true }), wrong);
    yield chunk;
  }
  attempt(() => decoder.decode(), wrong);
}
