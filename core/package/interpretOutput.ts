import { isFloat } from '../arrays/dataTypes.ts';
import { listed } from '../base/errors.ts';
import { columnName } from '../base/names.ts';
import { dimensionOf } from './dimension.ts';
import type { TensorLayout } from './facts.ts';
import type { ModelItem } from './item.ts';
import { isOfPixels, type ModelOutput, type PixelLayout, pixelLayout } from './outputLayout.ts';
import { type PostProcessing, parsePostProcessing } from './postProcessing.ts';
import type { Check } from './problems.ts';
import type { Task } from './task.ts';

const OUTPUT = 'properties.mlm:output[0]';

const USUAL_THRESHOLD = 0.5;

const BACKGROUND = { value: 0, name: 'background' };

type Properties = ModelItem['properties'];

/** Returns what the item says about the output: its task, its classes, and what its numbers mean. */
export function outputOf(properties: Properties, tensor: TensorLayout, tasks: readonly Task[], checkItem: Check) {
  const { name, tasks: named, result, 'classification:classes': given } = properties['mlm:output'][0];
  const { post_processing_function: stated } = properties['mlm:output'][0];
  const after = parsePostProcessing(stated?.expression ?? 'argmax')!; // the schema has rejected any other
  const isBinary = result.shape.at(-1) === 1 && given.length === 2;
  const about = { isOfPixels: isOfPixels(result), activation: after.activation, isBinary };
  const mlmTasks = [...new Set([...named, ...properties['mlm:tasks']])];
  const task = taskOfItem(tasks, mlmTasks, about);
  const other = isOtherTask(task, mlmTasks)
    ? `, for a ${task.name}, as the task ${listed(mlmTasks)} is not supported`
    : '';
  const check: Check = (holds, path, found, allowed) => checkItem(holds, path, found, allowed + other);
  const pixels = task.layers && about.isOfPixels ? pixelsOf(properties, tensor, check) : null;
  const own = given.map(({ value, name: title, color_hint: hint }) => {
    const called = columnName(title) || `class-${value}`;
    return { value, name: called, ...(called !== title && { title }), ...(hint && { colourHint: hexOf(hint) }) };
  });
  // Many items list only the class that a single number is the probability of.
  const isOne = own.length === 1 && pixels?.channels === 1 && task.sets === 'pixels' && isFloat(result.data_type);
  const isBeside = own.every(({ value, name }) => value !== BACKGROUND.value && name.toLowerCase() !== BACKGROUND.name);
  const classes = isOne && isBeside && after.activation !== 'softmax' ? [BACKGROUND, ...own] : own;
  const output: ModelOutput = {
    name,
    dataType: result.data_type,
    activation: after.activation,
    ...(after.temperature !== null && { temperature: after.temperature }),
    ...(isBinary && task.sets === 'chips' && { isBinary }),
    thresholds: thresholdsOf(properties, after, classes, check),
    probabilities: properties['swath:probabilities'] ?? false,
    pixels,
  };
  const mayHave = after.temperature === null || task.sets === 'chips';
  const rule = `no temperature: it is of a classification by chips, and this is a ${task.name}`;
  check(mayHave, `${OUTPUT}.post_processing_function.expression`, stated?.expression, rule);
  const isEach = output.pixels === null ? task.sets !== 'chips' : output.pixels.channels === classes.length - 1;
  const threshold = properties['swath:thresholds'] ?? after.threshold;
  const noThreshold = 'none: labels have one, and pixels beside a background. swath:abstain leaves out what is unsure';
  check(threshold === null || (isEach && classes.length > 0), 'properties.swath:thresholds', threshold, noThreshold);
  task.checkOutput({ classes, output }, OUTPUT, check);
  if (output.pixels === null) checkRows();
  return { output, task, classes };

  function checkRows(): void {
    const { shape, dim_order: order } = result;
    const sizes = task.shape({ classes, output });
    const rank = sizes.length + 1;
    check(
      order.length === rank && dimensionOf(order[0]!) === 'batch',
      `${OUTPUT}.result.dim_order`,
      order,
      task.output.dimensions,
    );
    const rows = [-1, tensor.batch ?? -1];
    const isOfRows =
      shape.length === rank && rows.includes(shape[0] ?? 0) && sizes.every((size, i) => shape[i + 1] === size);
    const rule = `[${[[...new Set(rows)].join(' or '), ...sizes].join(', ')}]: ${task.output.shape}`;
    check(isOfRows, `${OUTPUT}.result.shape`, shape, rule);
  }
}

/**
 * Returns the task of an item by its MLM tasks, those of its output first: the first that takes such an output, else the
 * first. If none is known, it is the first task of all, classification.
 */
export function taskOfItem(tasks: readonly Task[], mlmTasks: readonly string[], output: Parameters<Task['takes']>[0]) {
  const named = (takes: (task: Task, name: string) => boolean) =>
    mlmTasks.flatMap((name) => tasks.filter((task) => task.mlmTasks.includes(name) && takes(task, name)))[0];
  return named((task, name) => task.takes(output, name)) ?? named(() => true) ?? tasks[0]!;
}

/** Returns whether an item names tasks of MLM, none of which is the task that its model is taken for. */
export const isOtherTask = (task: Task, mlmTasks: readonly string[]): boolean =>
  mlmTasks.length > 0 && !mlmTasks.some((name) => task.mlmTasks.includes(name));

const hexOf = (hint: string | readonly number[]): string =>
  typeof hint === 'string' ? hint.toLowerCase() : Buffer.from(hint).toString('hex');

function thresholdsOf(item: Properties, { threshold }: PostProcessing, classes: readonly unknown[], check: Check) {
  const given = item['swath:thresholds'] ?? null;
  if (given === null || typeof given === 'number') {
    check(given === null || threshold === null, 'properties.swath:thresholds', given, 'nothing beside a threshold(…)');
    return classes.map(() => given ?? threshold ?? USUAL_THRESHOLD);
  }
  const rule = `a number, or one for each of the ${classes.length} classes`;
  check(given.length === classes.length, 'properties.swath:thresholds', `${given.length} thresholds`, rule);
  return given;
}

/**
 * Returns the layout of an output with values per pixel. It has the chip's size, or omits the same margin on opposite
 * sides, or is finer by a whole factor. One that may be coarser by such a factor is refused.
 */
function pixelsOf(properties: Properties, tensor: TensorLayout, check: Check): PixelLayout | null {
  const { shape, dim_order: order } = properties['mlm:output'][0].result;
  const layout = pixelLayout({ shape, dim_order: order }, tensor);
  const dimensions =
    '"batch" first, then "height", "width" and, where it has one, a dimension of classes, a size for each';
  check(layout !== null && dimensionOf(order[0]!) === 'batch', `${OUTPUT}.result.dim_order`, order, dimensions);
  if (layout === null) return null;
  const rows = [-1, tensor.batch ?? -1];
  const { top, left } = layout.margin;
  const source = properties['swath:source_shape'] ?? [tensor.height, tensor.width];
  const rule = `${tensor.height} × ${tensor.width}, the model's own size: what it says of pixels is said of those of the scene`;
  check(source[0] === tensor.height && source[1] === tensor.width, 'properties.swath:source_shape', source, rule);
  const isSame = [top, left].every((side) => side >= 0 && Number.isInteger(side));
  const sizes = `${[...new Set(rows)].join(' or ')} chips of ${tensor.height} × ${tensor.width} pixels, fewer by an even number (the model leaves out as many at the top as at the bottom), or a whole multiple in both directions (super-resolution)`;
  check(rows.includes(shape[0]!) && layout.channels >= 1 && isSame, `${OUTPUT}.result.shape`, shape, sizes);
  // Logits at a half or a quarter of the resolution have the same shape as the middle of the chip.
  const factor = tensor.height / layout.height;
  const isCoarse = factor > 1 && Number.isInteger(factor) && factor === tensor.width / layout.width;
  const coarse = `the chip's ${tensor.height} × ${tensor.width} pixels. If each of these stands for ${factor} × ${factor} of the chip's, bring them to its size in the graph (a Resize at its end); if they are the middle of the chip, say so by a swath:overlap of at least ${2 * Math.max(top, left)}`;
  const isMiddle = !isCoarse || properties['swath:overlap'] !== undefined;
  check(isMiddle, `${OUTPUT}.result.shape`, `${layout.height} × ${layout.width} pixels`, coarse);
  return layout;
}
