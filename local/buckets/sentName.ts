import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { companionEnding, REQUEST_ENDINGS } from '../../core/base/keys.ts';
import { beginsLikeRequest } from '../../core/doors/requests/beginning.ts';
import { HEAD_BYTES } from '../../core/scenes/formats/format.ts';

/**
 * The name that a file is sent under: its own. A request that is called as any other JSON file gets the ending of requests, as
 * it would be passed over.
 */
export function sentName(file: string): string {
  const name = basename(file);
  const isPassedOver = /\.json$/i.test(name) && companionEnding(name) !== undefined;
  if (!isPassedOver || !beginsLikeRequest(headOf(file))) return name;
  return name.slice(0, -'.json'.length) + REQUEST_ENDINGS[0]!;
}

/** The first bytes of a file; none of one that cannot be read, of which whoever sends it says why. */
function headOf(path: string): Uint8Array {
  try {
    const file = openSync(path, 'r');
    try {
      const head = new Uint8Array(HEAD_BYTES);
      return head.subarray(0, readSync(file, head));
    } finally {
      closeSync(file);
    }
  } catch {
    return new Uint8Array();
  }
}
