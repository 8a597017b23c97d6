import type { Column } from '../../predictions/column.ts';

/** The columns that say what a chip is, whatever the classes of the model are: its class's value and name, and how probable it is. */
export const WINNER: readonly Column[] = [
  { name: 'label', type: 'INT32' },
  { name: 'class', type: 'STRING' },
  { name: 'probability', type: 'FLOAT', isDistinct: true },
];

/** Their values. */
export type Winners = {
  readonly label: ArrayLike<number | null>;
  readonly class: ArrayLike<string | null>;
  readonly probability: ArrayLike<number | null>;
};
