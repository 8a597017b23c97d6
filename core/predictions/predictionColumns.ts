import type { ModelPackage } from '../models/package.ts';
import { chipId } from '../run.ts';
import type { PreparedPart } from '../scenes/preparedPart.ts';
import { taskOf } from '../tasks/registry.ts';
import type { Task } from '../tasks/task.ts';
import type { Column, Values } from './column.ts';

/** Of some chips: what a model says of each, where in which file the chip lies, and what the file says is true. */
export type Predictions = Values & {
  /** The file's content and the record's place in it, the same for every model. */
  readonly chip_id: ArrayLike<string>;
  readonly index: ArrayLike<number>;
  /** In bytes, of the record with its checksums. */
  readonly offset: ArrayLike<bigint>;
  readonly length: ArrayLike<number>;
  readonly truth: ArrayLike<number | null>;
  /** The SHA-256 of the file's content, and which run of which file it is; null where a former release wrote the row. */
  readonly digest: ArrayLike<string | null>;
  readonly scene: ArrayLike<string | null>;
  readonly run: ArrayLike<string | null>;
};

export type Content = { run: string; digest: string };
/** Where a chip comes from: `scene` is the key of the file. */
export type Origin = Content & { scene: string };

const PLACE: readonly Column[] = [
  { name: 'chip_id', type: 'STRING', isRequired: true, isDistinct: true },
  { name: 'index', type: 'INT32', isRequired: true, isDistinct: true },
  { name: 'offset', type: 'INT64', isRequired: true, isDistinct: true },
  { name: 'length', type: 'INT32', isRequired: true },
];
const ORIGIN: readonly Column[] = [
  { name: 'digest', type: 'STRING', isLater: true },
  { name: 'scene', type: 'STRING', isLater: true },
  { name: 'run', type: 'STRING', isLater: true },
];

export function columnsOf(model: ModelPackage): Column[] {
  const task = taskOf(model);
  return withPlace(task, task.columns(model));
}

/** Those that every model of a task has. */
export function saidColumns(task: Task): Column[] {
  return withPlace(task, task.said.columns);
}

function withPlace({ truth: { type } }: Task, columns: readonly Column[]): Column[] {
  return [...PLACE, ...columns, { name: 'truth', type }, ...ORIGIN];
}

/** Puts what a task has decoded for each chip of a part beside the chip's place; nothing of it is the part's own memory. */
export function placed(
  { chips, index, offset, length, truth }: PreparedPart,
  decoded: Values,
  originOf: (chip: number) => Origin,
): Predictions {
  const origins = Array.from({ length: chips }, (_, chip) => originOf(chip));
  return {
    ...decoded,
    chip_id: origins.map(({ digest }, chip) => chipId(digest, index[chip]!)),
    ...{ index: index.slice(), offset: offset.slice(), length: length.slice(), truth },
    digest: origins.map(({ digest }) => digest),
    scene: origins.map(({ scene }) => scene),
    run: origins.map(({ run }) => run),
  };
}
