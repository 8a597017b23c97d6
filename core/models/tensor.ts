import { preparedBands } from './bands.ts';
import { makePlane, type Plane, rangeOf } from './dataTypes.ts';
import { makeEvaluator, type Plan } from './expression.ts';
import type { Dimension, ModelPackage } from './package.ts';
import { compileScaling, type Scaling, scaleValue } from './scaling.ts';

/** The dimensions of a tensor of so many chips, in the model's order. */
export function tensorShape(model: ModelPackage, chips: number): number[] {
  const { dimensions, height, width } = model.tensor;
  const sizes: Record<Dimension, number> = { batch: chips, bands: model.bands.length, height, width };
  return dimensions.map((dimension) => sizes[dimension]);
}

/** An array for a tensor of so many chips, of the type that the model takes. */
export function makeTensor(model: ModelPackage, chips: number): Plane {
  return makePlane(
    model.tensor.dataType,
    tensorShape(model, chips).reduce((product, size) => product * size),
  );
}

/**
 * Makes the function that scales one chip's prepared planes (as `preparedBands` says) and writes them into the tensor
 * as its `chip`th, in the model's layout. Values are computed in float64 and rounded once, which for one division is
 * what float32 arithmetic gives; a tensor of whole numbers takes the whole part, held within its type's range.
 */
export function makeTensorFiller(model: ModelPackage): (planes: readonly Plane[], tensor: Plane, chip: number) => void {
  const strides = stridesOf(model);
  const writers = preparedBands(model).map(({ dataType }, band) => {
    const scale = valueScaler(model, band);
    // The 256 values of a byte are cheaper looked up than computed, and the 65,536 of two bytes than an expression.
    if (dataType === 'uint8') return lookUp(tableOf(scale, model, 2 ** 8), strides);
    if (dataType === 'uint16' && 'plan' in scale) return lookUp(tableOf(scale, model, 2 ** 16), strides);
    return 'plan' in scale ? evaluate(scale, model, strides) : compute(scale, strides);
  });
  return (planes, tensor, chip) => {
    // By index: with an iterator in this loop the compiler leaves the inner ones three times as slow.
    for (let band = 0; band < writers.length; band += 1)
      writers[band]!(planes[band]!, tensor, chip * strides.batch + band * strides.bands);
  };
}

/** Writes one band of one chip, its first value at `start`. */
type WriteBand = (plane: Plane, tensor: Plane, start: number) => void;

type Strides = Record<Dimension, number> & { readonly columns: number };

function lookUp(table: Plane, { height, width, columns }: Strides): WriteBand {
  return (plane, tensor, start) => writeTable(plane, table, tensor, start, columns, height, width);
}

function writeTable(
  plane: Plane,
  table: Plane,
  tensor: Plane,
  start: number,
  columns: number,
  down: number,
  right: number,
): void {
  const { length } = plane;
  for (let i = 0, row = start; i < length; row += down) {
    const end = i + columns;
    for (let at = row; i < end; i++, at += right) tensor[at] = table[plane[i]!]!;
  }
}

function compute(scaling: Scaling, { height, width, columns }: Strides): WriteBand {
  return (plane, tensor, start) => {
    for (let y = 0, i = 0; i < plane.length; y++)
      for (let x = 0, at = start + y * height; x < columns; x++, at += width)
        tensor[at] = scaleValue(scaling, plane[i++]!);
  };
}

/** An expression's values, plane by plane. */
function evaluate(scaling: Expression, { tensor }: ModelPackage, strides: Strides): WriteBand {
  const values = makeEvaluator(scaling.plan, tensor.height * tensor.width);
  const write = compute(scaling.bounds, strides);
  return (plane, into, start) => write(values([plane]), into, start);
}

/** What each value from 0 on becomes. */
function tableOf(scaling: Scaling | Expression, model: ModelPackage, length: number): Plane {
  const values = Float64Array.from({ length }, (_, value) => value);
  const [scaled, last] =
    'plan' in scaling ? [makeEvaluator(scaling.plan, length)([values]), scaling.bounds] : [values, scaling];
  const table = makePlane(model.tensor.dataType, length);
  for (let value = 0; value < length; value++) table[value] = scaleValue(last, scaled[value]!);
  return table;
}

/** A scaling by an expression, whose result is held within bounds. */
type Expression = { readonly plan: Plan; readonly bounds: Scaling };

function valueScaler(model: ModelPackage, band: number): Scaling | Expression {
  const scaling = model.scaling[band]!;
  if (scaling.type === 'processing')
    return { plan: scaling.plan, bounds: bounded(compileScaling({ type: null }), model) };
  return bounded(compileScaling(scaling), model);
}

function bounded(scaling: Scaling, model: ModelPackage): Scaling {
  const { low, high } = rangeOf(model.tensor.dataType);
  return { ...scaling, low: Math.max(scaling.low, low), high: Math.min(scaling.high, high) };
}

/** How far apart in the tensor the neighbours in each dimension are. */
function stridesOf(model: ModelPackage): Strides {
  const { dimensions, width } = model.tensor;
  const sizes = tensorShape(model, 1);
  const stride = (dimension: Dimension) =>
    // Of a dimension that rows of numbers have not, there is one value, at the beginning.
    dimensions.includes(dimension)
      ? sizes.slice(dimensions.indexOf(dimension) + 1).reduce((product, size) => product * size, 1)
      : 0;
  return {
    batch: stride('batch'),
    bands: stride('bands'),
    height: stride('height'),
    width: stride('width'),
    columns: width,
  };
}
