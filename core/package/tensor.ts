import { type InputType, type InputValues, makeInputValues, type Plane, rangeOf } from '../arrays/dataTypes.ts';
import { makeEvaluator } from '../arrays/expression.ts';
import { preparedBands } from './bands.ts';
import type { Dimension } from './dimension.ts';
import type { ModelInput } from './facts.ts';
import type { ModelPackage } from './package.ts';
import { compileScaling, type Scaling, scaleValue } from './scaling.ts';

/** Returns the shape of an input for so many chips, with all bands in one dimension. */
function sizesOf({ tensor: { dimensions, height, width }, count }: ModelInput, chips: number): number[] {
  const sizes: Record<Dimension, number> = { batch: chips, bands: count, height, width };
  return dimensions.map((dimension) => sizes[dimension]);
}

/** The same as the graph has it. */
export const tensorShape = (input: ModelInput, chips: number): number[] =>
  sizesOf(input, chips).flatMap((size, i) =>
    input.tensor.dimensions[i] === 'bands' ? (input.tensor.split ?? size) : size,
  );

export const makeTensor = ({ tensor: { dataType, height, width }, count }: ModelInput, chips: number): InputValues =>
  makeInputValues(dataType, chips * count * height * width);

/**
 * Makes the function that scales a chip's prepared planes (see `preparedBands`) and writes them to an input's tensor as
 * chip number `chip`, in the model's layout. Values are computed in float64 and rounded once, which for a single division
 * gives the same as float32 arithmetic. An integer tensor takes the integer part, clamped to its type's range.
 */
export function makeTensorFiller(model: ModelPackage, input: ModelInput) {
  const { first, count } = input;
  const strides = stridesOf(input);
  const writers = preparedBands(model)
    .slice(first, first + count)
    .map(({ dataType }, band) => {
      const scale = bounded(compileScaling(model.scaling[first + band]!), input.tensor.dataType);
      // Looking up the 256 values of a byte is cheaper than computing them; for an expression, so are the 65,536 of two.
      if (dataType === 'uint8') return lookUp(tableOf(scale, input, 2 ** 8), strides);
      if (dataType === 'uint16' && scale.plan !== null) return lookUp(tableOf(scale, input, 2 ** 16), strides);
      return compute(scale, input, strides);
    });
  return (planes: readonly Plane[], tensor: InputValues, chip: number): void => {
    // By index: an iterator in this loop makes the inner ones three times as slow.
    for (let band = 0; band < writers.length; band += 1)
      writers[band]!(planes[first + band]!, tensor, chip * strides.batch + band * strides.bands);
  };
}

type WriteBand = (plane: Plane, tensor: InputValues, start: number) => void;

type Strides = Record<Dimension, number> & { readonly columns: number };

function lookUp(table: InputValues, { height, width, columns }: Strides): WriteBand {
  return (plane, tensor, start) => {
    for (let i = 0, row = start; i < plane.length; row += height) {
      const end = i + columns;
      for (let at = row; i < end; i++, at += width) tensor[at] = table[plane[i]!]!;
    }
  };
}

function compute(scaling: Scaling, { tensor: size }: ModelInput, { height, width, columns }: Strides): WriteBand {
  const evaluate = scaling.plan && makeEvaluator(scaling.plan, size.height * size.width);
  return (plane, tensor, start) => {
    const values = evaluate?.([plane]) ?? plane;
    for (let y = 0, i = 0; i < values.length; y++)
      for (let x = 0, at = start + y * height; x < columns; x++, at += width)
        tensor[at] = scaleValue(scaling, values[i++]!);
  };
}

function tableOf(scaling: Scaling, { tensor }: ModelInput, length: number): InputValues {
  const values = Float64Array.from({ length }, (_, value) => value);
  const scaled = scaling.plan ? makeEvaluator(scaling.plan, length)([values]) : values;
  const table = makeInputValues(tensor.dataType, length);
  for (let value = 0; value < length; value++) table[value] = scaleValue(scaling, scaled[value]!);
  return table;
}

function bounded(scaling: Scaling, type: InputType): Scaling {
  const { low, high } = rangeOf(type);
  return { ...scaling, low: Math.max(scaling.low, low), high: Math.min(scaling.high, high) };
}

function stridesOf(input: ModelInput): Strides {
  const { dimensions, width } = input.tensor;
  const sizes = sizesOf(input, 1);
  const step = (dimension: Dimension) =>
    // Rows of numbers lack some dimensions; these have a single value, at the beginning.
    dimensions.includes(dimension)
      ? sizes.slice(dimensions.indexOf(dimension) + 1).reduce((product, size) => product * size, 1)
      : 0;
  return { batch: step('batch'), bands: step('bands'), height: step('height'), width: step('width'), columns: width };
}
