/** What a draft is made of. */

/** An input or output of a graph; a free size is text, an open shape is null. */
export type DraftValue = { readonly name: string; readonly type: string; readonly shape: Shape | null };
export type Shape = readonly (number | string)[];

export type DraftGraph = {
  readonly inputs: readonly DraftValue[];
  readonly outputs: readonly DraftOutput[];
  /** The names of its classes, if it states them. */
  readonly classes: readonly string[];
  /** What wrote it, such as `pytorch`. */
  readonly producer: string;
};
/** With the operator that produces it, such as `Softmax`. */
export type DraftOutput = DraftValue & { readonly operator: string | null };
