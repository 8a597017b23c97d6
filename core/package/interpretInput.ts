import { parseExpression } from '../arrays/expression.ts';
import type { Size } from '../arrays/resize.ts';
import { attempt, InvalidModelPackage, listed, onError } from '../base/errors.ts';
import { MAX_BANDS, MAX_BATCH_SIZE, MAX_VALUES_PER_CHIP } from '../base/limits.ts';
import { type Dimension, dimensionOf } from './dimension.ts';
import type { ModelBand, ModelInput } from './facts.ts';
import type { ModelItem } from './item.ts';
import { type Check, checkDistinct, namesOf } from './problems.ts';
import type { BandScaling } from './scaling.ts';
import { type ToldBands, takenOf } from './sourceBands.ts';

const DEFAULT_SIDE = 256;

type Properties = ModelItem['properties'];

type ItemInput = { readonly input: Properties['mlm:input'][number]; readonly path: string };

export const inputPath = (i: number) => `properties.mlm:input[${i}]`;

/** Returns the inputs, one or several, whose bands follow one another. */
export function inputsOf(properties: Properties, told: ToldBands, check: Check, problems: string[]) {
  const bands: ModelBand[] = [];
  const scaling: BandScaling[] = [];
  const inputs = properties['mlm:input'].map((input, i): ModelInput => {
    const at = { input, path: inputPath(i) };
    const own = bandsOf(at, told, check, problems);
    const rule = 'the bands that it takes, since there are other inputs';
    check(takenOf(input).length > 0 || properties['mlm:input'].length === 1, `${at.path}.bands`, input.bands, rule);
    const first = bands.length;
    const taken = namesOf(bands);
    scaling.push(...scalingOf(at, own));
    bands.push(...own.map((band) => (taken.includes(band.name) ? { ...band, name: `${band.name}:${i}` } : band)));
    return { name: input.name, first, count: own.length, tensor: tensorOf(properties, at, own.length, check) };
  });
  checkAlike(properties, inputs, check);
  const isHeld = bands.length <= MAX_BANDS || inputs.length === 1;
  check(isHeld, 'properties.mlm:input', `${bands.length} bands in all inputs`, `at most ${MAX_BANDS}`);
  return { bands, scaling, inputs };

  function scalingOf({ input: { value_scaling: given }, path }: ItemInput, own: readonly ModelBand[]) {
    const scalings = given ?? [{ type: null }];
    const isOfAll = scalings.length === 1 || scalings.length === own.length;
    const rule = `one for all bands, or one for each of the ${own.length} (several steps for one band are one {"type": "processing", "format": "gdal-calc", "expression": "…"})`;
    check(isOfAll, `${path}.value_scaling`, `${scalings.length} scalings`, rule);
    return own.map(({ name }, i): BandScaling => {
      const scaling = scalings[i] ?? scalings[0]!;
      if (scaling.type !== 'processing') return scaling;
      const at = `${path}.value_scaling[${scalings.indexOf(scaling)}]`;
      const found = scalings[i] === undefined ? [] : problems; // that of all bands is told once
      const plan = planIn(scaling.expression, [...new Set([name, ...VALUE_NAMES])], at, found, () => 0);
      return plan === undefined ? { type: null } : { type: 'processing', plan };
    });
  }
}

/** A chip is prepared once for all inputs, so they must take the same size. */
function checkAlike(properties: Properties, inputs: readonly ModelInput[], check: Check): void {
  const [first, ...others] = inputs.map(({ tensor: { batch, height, width } }) => [batch ?? -1, height, width]);
  const [{ resize_type: resize = null }] = properties['mlm:input'];
  for (const [i, sizes] of [first!, ...others].entries()) {
    const rule = `the batch, height and width of the first input, ${JSON.stringify(first)}`;
    check(sizes.join() === first!.join(), `${inputPath(i)}.input.shape`, sizes, rule);
    const { resize_type: other = null } = properties['mlm:input'][i]!;
    check(other === resize, `${inputPath(i)}.resize_type`, other, `that of the first input, ${JSON.stringify(resize)}`);
  }
}

function bandsOf({ input, path: at }: ItemInput, told: ToldBands, check: Check, problems: string[]): ModelBand[] {
  const bands = takenOf(input);
  const sourceNames = namesOf(told.bands);
  const word = input.bands.length > 0 ? 'bands' : 'variables';
  const rule = 'nothing beside bands: list them all as bands';
  check(input.bands.length === 0 || input.variables.length === 0, `${at}.variables`, namesOf(input.variables), rule);
  const once = 'each band once: of several dates, each has a name of its own, such as B04_1 and B04_2';
  checkDistinct(`${at}.${word}`, namesOf(bands), check, once);
  // An input that names no bands takes all of the file's.
  if (bands.length === 0) return sourceNames.map((name, source) => ({ name, source }));
  return bands.map(({ name, expression }, i) => {
    const path = `${at}.${word}[${i}]`;
    const source = sourceNames.indexOf(name);
    check(source >= 0 || expression !== undefined, path, name, `one of ${told.path} (${listed(sourceNames)})`);
    const plan = expression === undefined ? undefined : planIn(expression, sourceNames, path, problems);
    return plan === undefined ? { name, source } : { name, plan };
  });
}

/** Names for the value in a scaling's expression, besides the band's own; gdal_calc calls its first file A. */
const VALUE_NAMES = ['x', 'A'];

/** Returns an input's layout; an input with a free height and width takes chips of `swath:chip_shape`. */
function tensorOf(properties: Properties, { input, path: at }: ItemInput, bandCount: number, check: Check) {
  const { shape, dim_order: order, data_type: dataType, split } = input.input;
  const named = order.map(dimensionOf);
  const dimensions = named.filter((name) => name !== undefined);
  const isVector = order.length === 2;
  const areDistinct = dimensions.length === order.length && new Set(dimensions).size === order.length;
  const isRow = dimensions[1] === 'bands' || order[1] === 'token';
  const isOrder = dimensions[0] === 'batch' && areDistinct && (isVector ? isRow : order.length === 4);
  const orders =
    '"batch" first, then "bands" (or "channel"), "height" and "width" in any order; or, for rows of numbers, "batch" and "feature". "time" stands before or behind the bands, both of a fixed size; of another layout, put a Transpose before the first node of the graph';
  check(isOrder, `${at}.input.dim_order`, order, orders);
  const path = `${at}.input.shape`;
  check(shape.length === order.length, path, shape, `one size for each of ${order.join(', ')}`);

  const ofDates = split ? `, listed for each of the dates by a name of its own, such as B04_1 and B04_2` : '';
  const allowed: Record<Dimension, [holds: (size: number) => boolean, rule: string]> = {
    batch: [(size) => isSize(size) && size <= MAX_BATCH_SIZE, `-1 for any batch, or 1 to ${MAX_BATCH_SIZE}`],
    bands: [(size) => size === bandCount, `${bandCount}, the number of the input's bands${ofDates}`],
    height: [isSize, 'a height of 1 or more, or -1 for any'],
    width: [isSize, 'a width of 1 or more, or -1 for any'],
  };
  const sizes = { batch: 1, bands: 1, height: 1, width: 1 };
  for (const [i, size] of shape.entries()) {
    const dimension = named[i];
    if (dimension === undefined) continue;
    const [holds, rule] = allowed[dimension];
    check(shape.length !== order.length || holds(size), `${path}[${i}]`, size, rule);
    sizes[dimension] = size;
  }
  const { height, width } = chipShapeOf(properties, sizes, check);
  const rule = `at most ${MAX_VALUES_PER_CHIP} values in all bands of a chip`;
  check(height * width * bandCount <= MAX_VALUES_PER_CHIP, path, shape, rule);
  const batch = sizes.batch === -1 ? null : sizes.batch;
  return { dataType, dimensions, batch, height, width, ...(split && { split }) };
}

function chipShapeOf(properties: Properties, { height, width }: Size, check: Check): Size {
  const { 'swath:chip_shape': asked, 'swath:multiple': multiple = 1 } = properties;
  const side = Math.max(multiple, DEFAULT_SIDE - (DEFAULT_SIDE % multiple));
  const [wantedHeight, wantedWidth] = asked ?? [height === -1 ? side : height, width === -1 ? side : width];
  const fits = (wanted: number, size: number) => wanted === size || (size === -1 && wanted % multiple === 0);
  const isTaken = asked === undefined || (fits(wantedHeight, height) && fits(wantedWidth, width));
  const sizes = [height, width].map((size) => (size === -1 ? `any multiple of ${multiple}` : size));
  check(isTaken, 'properties.swath:chip_shape', asked, `[${sizes.join(', ')}], as the input takes them`);
  return { height: wantedHeight, width: wantedWidth };
}

/** Returns the plan of an expression; undefined if it is none, which is a problem. */
function planIn(expression: string, names: readonly string[], path: string, problems: string[], bandOf?: () => number) {
  const wrong = onError(InvalidModelPackage, ({ message }) => void problems.push(`${path}.${message}`));
  return attempt(() => parseExpression(expression, names, bandOf), wrong);
}

const isSize = (size: number) => size === -1 || size >= 1;
