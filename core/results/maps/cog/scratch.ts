/**
 * Storage for compressed tiles until all of them are there, such as a temporary file. It is needed because a COG begins with
 * directories that state where each tile is, and stores its smallest overview first.
 */
export type Scratch = {
  /** Stores bytes and returns the offset at which to read them. They may be changed once this resolves. */
  append(bytes: Uint8Array): Promise<number>;
  /** Returns a range within the bytes of one `append`. */
  read(offset: number, length: number): Promise<Uint8Array>;
};
