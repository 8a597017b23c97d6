import type { Dice } from './dice.ts';

/** Something that reads bytes which are not our own. */
export type Target = {
  name: string;
  limits: Limits;
  /** An input, drawn by dice: made from real files, and then damaged. */
  make: (dice: Dice) => Uint8Array;
  /**
   * Has the input read, and checks whatever comes of it: throws what the parser throws, or an `AssertionError` where the
   * result is not what it should be.
   */
  read: (input: Uint8Array) => unknown;
};

type Limits = {
  /** Of a thousand inputs, about so many are for this one; a parser that is slower or simpler gets fewer. */
  share: number;
  /** The names of the errors by which an input may be refused; none where every input has a meaning. */
  refuses: readonly string[];
  /** Bytes of memory that a byte of the input may cost; see watch.ts. */
  bytesPerByte?: number;
  /** Bytes of memory that an input may cost whatever its size, where that is more than usual; see watch.ts. */
  mostBytes?: number;
  /** Milliseconds that an input may take, where that is more than usual; see watch.ts. */
  mostMilliseconds?: number;
};
