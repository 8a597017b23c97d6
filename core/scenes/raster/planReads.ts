import { InvalidSceneFile } from '../../base/errors.ts';
import type { RasterSource } from './raster.ts';

/** A wanted range of a file, and what it is for. */
export type Piece<What> = { readonly offset: number; readonly length: number; readonly what: What };

type Where<What> = (what: What) => string;

export type Request<What> = { offset: number; length: number; readonly pieces: Piece<What>[] };

/** The largest gap that is read along, because another request costs as much. COGs have 8 bytes between blocks. */
const GAP_BYTES = 16 * 1024;

/** The largest request; its bytes are in memory at once. */
const REQUEST_BYTES = 8 * 1024 ** 2;

/** Merges neighbouring pieces into requests, in file order. A piece is never split. */
export function planReads<What>(pieces: readonly Piece<What>[]): Request<What>[] {
  const requests: Request<What>[] = [];
  for (const piece of pieces.toSorted((a, b) => a.offset - b.offset)) {
    const last = requests.at(-1);
    const end = piece.offset + piece.length;
    const isNear = last !== undefined && piece.offset - (last.offset + last.length) <= GAP_BYTES;
    if (isNear && end - last.offset <= REQUEST_BYTES) {
      last.length = Math.max(last.length, end - last.offset);
      last.pieces.push(piece);
    } else requests.push({ offset: piece.offset, length: piece.length, pieces: [piece] });
  }
  return requests;
}

/** Reads pieces in file order; neighbours share a request. Throws `InvalidSceneFile`, with `where`, if the file ends early. */
export async function* readPieces<What>({ range }: RasterSource, wanted: readonly Piece<What>[], where: Where<What>) {
  for (const { offset, length, pieces } of planReads(wanted)) {
    const found = await range(offset, length);
    for (const { what, ...piece } of pieces) {
      const bytes = found.subarray(piece.offset - offset, piece.offset - offset + piece.length);
      if (bytes.length < piece.length)
        throw new InvalidSceneFile(
          `${where(what)} at byte ${piece.offset}: is cut short: found ${bytes.length} of its ${piece.length} bytes`,
        );
      yield { what, bytes };
    }
  }
}
