import { Buffer, isUtf8 } from 'node:buffer';
import { citedStart, InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_MEMBER_NAME_LENGTH } from '../../../base/limits.ts';

/** Returns a member's name as errors show it: whole for the bands of a scene, whose folders have long names. */
export const shownName = (name: string): string => citedStart(name, 200);

/** Decodes a member's name, which is a label and no path; one of DOS that is not UTF-8 is in code page 437. Throws `InvalidSceneFile`, beginning with `where`. */
export function memberName(where: string, written: Uint8Array, isOfDos = false): string {
  const letter = (byte: number) => CP437[byte - 128] ?? String.fromCharCode(byte);
  const bytes = isOfDos && !isUtf8(written) ? Buffer.from(Array.from(written, letter).join('')) : written;
  const name = utf8.decode(bytes);
  if (name.length > MAX_MEMBER_NAME_LENGTH)
    throw new InvalidSceneFile(
      `${where}: found a name of ${name.length} characters, allowed are at most ${MAX_MEMBER_NAME_LENGTH}: ${shownName(name)}`,
    );
  if (!isUtf8(bytes))
    throw new InvalidSceneFile(`${where}: found the name ${shownName(name)}, which is not UTF-8; allowed is UTF-8`);
  return name;
}

/** Its bytes from 128 on. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0';
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
