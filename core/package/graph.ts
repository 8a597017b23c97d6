export type GraphTold = {
  readonly inputs: readonly ValueTold[];
  readonly outputs: readonly (ValueTold & { readonly operator: string | null })[];
  readonly opset: number;
  readonly producer: string;
  readonly classes: readonly string[];
};

export type ValueTold = {
  readonly name: string;
  /** The type by its STAC name; `other` if STAC has none. */
  readonly type: string;
  /** A free size is its name, or empty; null if the graph leaves the number of dimensions open. */
  readonly shape: readonly (number | string)[] | null;
};
