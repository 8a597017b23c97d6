export type Column = {
  readonly name: string;
  readonly type: 'STRING' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY';
  /** Whether every chip has a value; null stands for none otherwise. */
  readonly isRequired?: true;
  /** Whether hardly any value comes twice: no dictionary is looked for. */
  readonly isDistinct?: true;
  /** Whether former releases wrote files without it: all of its values are null there. */
  readonly isLater?: true;
  /** What former releases called it. */
  readonly formerly?: string;
};

type Value = string | number | bigint | Uint8Array | null;

/** The values of columns, by the columns' names, each in the order of the chips. */
export type Values = { readonly [column: string]: ArrayLike<Value> };

/** Copies the values of these columns, one piece after the other. */
export function joined(columns: readonly Column[], pieces: readonly Values[]): Values {
  return Object.fromEntries(columns.map(({ name }) => [name, pieces.flatMap((piece) => Array.from(piece[name]!))]));
}
