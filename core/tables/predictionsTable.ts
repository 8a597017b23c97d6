import { type Column, MASKED, MEMBER, RECORDS } from '../package/carry.ts';
import { ORIGIN, PLACE, WINDOW } from '../results/predictionColumns.ts';
import { SET, TOP, WINNER } from '../tasks/classification/classCounts.ts';
import { probabilityColumn } from '../tasks/classification/classification.ts';
import { LABELS } from '../tasks/multilabel/labelCounts.ts';
import { TASKS } from '../tasks/registry.ts';
import { SPREAD } from '../tasks/regression/pixels.ts';
import { VALUE } from '../tasks/regression/valueSum.ts';
import { PIXELS, shareColumn } from '../tasks/segmentation/shareCounts.ts';
import says from './predictions.json' with { type: 'json' };
import { PARTITIONS_OF_CHIPS, type Table, type TableColumn } from './table.ts';

/** The largest class value that the table has columns for. Columns of larger ones are only in the files. */
const LAST_CLASS = 63;
const CLASSES = [-1, ...Array.from({ length: LAST_CLASS + 1 }, (_, value) => value)];

const SAYS: Readonly<Record<string, string>> = says;

export const predictionsTable: Table = {
  name: 'predictions',
  says: 'one row per chip with a prediction of a run',
  partitions: PARTITIONS_OF_CHIPS,
  columns: [
    ...described(...PLACE, ...WINNER, ...LABELS, VALUE, ...SPREAD, PIXELS, ...TASKS.map(({ truth }): Column => truth)),
    ...described(...ORIGIN, ...WINDOW, ...MEMBER, ...RECORDS, SET, TOP),
    ...CLASSES.map((value) => told(probabilityColumn(value), `the probability of the class ${value}`)),
    ...CLASSES.map((value) => told(shareColumn(value), `the share of pixels of the class ${value}`)),
    told(MASKED, 'the share of the chip that clouds hide, by the mask of its package'),
  ],
};

/** Columns that several tasks share are listed once. */
function described(...columns: readonly Column[]): TableColumn[] {
  return [...new Map(columns.map((column) => [column.name, told(column, SAYS[column.name]!)])).values()];
}

function told({ name, type }: Column, says: string): TableColumn {
  return { name, type, says };
}
