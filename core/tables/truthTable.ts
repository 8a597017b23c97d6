import { PARTITIONS_OF_CHIPS, type Table } from './table.ts';

export const truthTable: Table = {
  name: 'truth',
  says: 'one row per chip with a late truth, the latest one',
  partitions: PARTITIONS_OF_CHIPS,
  columns: [
    { name: 'chip_id', type: 'STRING', says: 'as in predictions' },
    { name: 'index', type: 'INT32', says: 'as in predictions' },
    { name: 'truth', type: 'INT32', says: "the class's value" },
    { name: 'true_value', type: 'DOUBLE', says: 'of a regression, the number' },
    { name: 'told', type: 'TIMESTAMP', says: 'when it was stated, UTC' },
    { name: 'member', type: 'STRING', says: 'as in predictions' },
    { name: 'request_id', type: 'STRING', says: 'as in predictions' },
    { name: 'scene', type: 'STRING', says: 'as in predictions' },
    { name: 'run', type: 'STRING', says: 'as in predictions' },
    {
      name: 'true_labels',
      type: 'STRING',
      says: 'for several labels, their names separated by ", "; empty if it has none',
    },
    { name: 'true_pixels', type: 'STRING', says: 'of a mask, for each pair of class values true/predicted:pixels' },
    { name: 'sample', type: 'STRING', says: 'least-certain for a chip chosen as such, which counts in no accuracy' },
    { name: 'seed', type: 'DOUBLE', says: 'of a chip that label export drew at random, its --seed' },
  ],
};
