/**
 * Where compressed tiles wait until all of them are there: a COG begins with the directories, which say where each tile lies,
 * and has its smallest overview first. A temporary file, for one.
 */
export type Scratch = {
  /** Keeps some bytes, which may change once this resolves, and says at which offset they can be read again. */
  append(bytes: Uint8Array): Promise<number>;
  /** Any part of what one `append` has kept, all of it. */
  read(offset: number, length: number): Promise<Uint8Array>;
};
