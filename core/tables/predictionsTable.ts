import { MASKED, MEMBER } from '../package/carry.ts';
import type { Column } from '../package/column.ts';
import { ORIGIN, PLACE, WINDOW } from '../results/predictionColumns.ts';
import { SET, TOP, WINNER } from '../tasks/classification/classCounts.ts';
import { probabilityColumn } from '../tasks/classification/classification.ts';
import { LABELS } from '../tasks/multilabel/labelCounts.ts';
import { TASKS } from '../tasks/registry.ts';
import { SPREAD } from '../tasks/regression/pixels.ts';
import { VALUE } from '../tasks/regression/valueSum.ts';
import { PIXELS, shareColumn } from '../tasks/segmentation/shareCounts.ts';
import { PARTITIONS_OF_CHIPS, type Table, type TableColumn } from './table.ts';

/** The largest class value that the table has columns for. Columns of larger ones are only in the files. */
const LAST_CLASS = 63;
const CLASSES = [-1, ...Array.from({ length: LAST_CLASS + 1 }, (_, value) => value)];

const SAYS: Readonly<Record<string, string>> = {
  chip_id: "the first 16 digits of the file's SHA-256, and the chip's index",
  index: "the chip's place in the file, from 0",
  offset: 'of the record, in bytes',
  length: 'of the record, in bytes',
  label: "the class's value; NULL where the package abstains",
  class: "the class's name",
  probability: 'of that class; of a mask, the mean of its pixels',
  labels: 'names of labels, ", " between them',
  label_count: 'how many those are',
  certainty: 'how sure the least sure of the labels is, from 0 to 1',
  value: 'the number that was predicted; of pixels, their mean',
  minimum: "the least of the pixels' values",
  maximum: "the greatest of the pixels' values",
  pixels: 'pixels that have a value or a class',
  truth: 'the class that the file says is true',
  true_value: 'the number that the file says is true',
  digest: "the SHA-256 of the file's content",
  scene: "the file's key",
  run: 'the run, as in runs',
  x: 'of the chip in its raster, in pixels',
  y: 'of the chip in its raster, in pixels',
  width: 'of the chip, in pixels',
  height: 'of the chip, in pixels',
  geometry: 'where it lies, as WKB in WGS84',
  hectares: 'land that it counts for: none that another chip of its file has; NULL where clouds hide it',
  member: "the chip's name in an archive or a request",
  request_id: 'the request that it came with; NULL of a file',
  set: 'the classes that it may be, ", " between them; only of packages with prediction sets',
  top_label: 'the value of the most probable class; only of packages that abstain',
};

const TRUTHS = TASKS.map(({ truth }): Column => truth);

export const predictionsTable: Table = {
  name: 'predictions',
  says: 'one row per chip with a prediction of a run',
  partitions: PARTITIONS_OF_CHIPS,
  columns: [
    ...described(...PLACE, ...WINNER, ...LABELS, VALUE, ...SPREAD, PIXELS, ...TRUTHS, ...ORIGIN, ...WINDOW, ...MEMBER),
    ...described(SET, TOP),
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
