import { citedStart } from '../../../cited.ts';
import { InvalidSceneFile } from '../../../errors.ts';
import { MAX_MEMBER_NAME_LENGTH } from '../../../limits.ts';

/** A member's name in an error. */
export function shownName(name: string): string {
  return citedStart(name, 100);
}

/**
 * The name of an archive's member, which is a text and never a path here.
 * @throws InvalidSceneFile where it is no UTF-8, or too long; `where` begins the message
 */
export function memberName(where: string, bytes: Uint8Array): string {
  const name = utf8.decode(bytes);
  if (name.length > MAX_MEMBER_NAME_LENGTH)
    throw new InvalidSceneFile(
      `${where}: found a name of ${name.length} characters, allowed are at most ${MAX_MEMBER_NAME_LENGTH}: ${shownName(name)}`,
    );
  if (name.includes('\ufffd'))
    throw new InvalidSceneFile(`${where}: found the name ${shownName(name)}, which is not UTF-8; allowed is UTF-8`);
  return name;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
