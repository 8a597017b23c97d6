/**
 * Esri's decoder, the WebAssembly of the package `lerc`, whose own loader would look for a file. The names are those of the
 * pinned version: memory, initialisation, lerc_getBlobInfo, lerc_decode_4D, malloc and free.
 */
export type Decoder = {
  readonly d: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  e(): void;
  f(blob: number, size: number, info: number, ranges: number, infoLength: number, rangesLength: number): number;
  h(blob: number, size: number, ...rest: number[]): number;
  i(bytes: number): number;
  j(at: number): void;
};
/** Instantiates it, with what it needs: to throw, to abort, and to enlarge its memory. */
export function open(imports: {
  a: { a: () => never; b: () => never; c: (bytes: number) => number };
}): Promise<Decoder>;
