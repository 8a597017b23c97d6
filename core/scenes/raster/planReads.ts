/** Bytes of a file that are wanted, and what for. */
export type Piece<What> = { readonly offset: number; readonly length: number; readonly what: What };

/** One request, and the pieces that it brings. */
export type Request<What> = { offset: number; length: number; readonly pieces: Piece<What>[] };

/** Bytes that nobody wants and that are read all the same, since a request costs as much as they: COGs have 8 between blocks. */
const GAP_BYTES = 16 * 1024;

/** Bytes of a request: they are in memory at once. */
const REQUEST_BYTES = 8 * 1024 ** 2;

/** Joins pieces that lie beside one another into requests, in the order of the file. A piece is never divided. */
export function planReads<What>(pieces: readonly Piece<What>[]): Request<What>[] {
  const requests: Request<What>[] = [];
  let last: Request<What> | undefined;
  for (const piece of pieces.toSorted((a, b) => a.offset - b.offset)) {
    const end = piece.offset + piece.length;
    if (
      last !== undefined &&
      piece.offset - (last.offset + last.length) <= GAP_BYTES &&
      end - last.offset <= REQUEST_BYTES
    ) {
      last.length = Math.max(last.length, end - last.offset);
      last.pieces.push(piece);
    } else {
      last = { offset: piece.offset, length: piece.length, pieces: [piece] };
      requests.push(last);
    }
  }
  return requests;
}
