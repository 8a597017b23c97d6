import { InvalidModelPackage } from '../errors.ts';
import { MAX_BATCH_SIZE, MAX_VALUES_PER_CHIP } from '../limits.ts';
import { dimensionOf } from './dimensions.ts';
import { parseExpression } from './expression.ts';
import type { ModelItem } from './item.ts';
import type { Dimension, ModelBand, ModelPackage, TensorLayout } from './package.ts';
import { type Check, checkDistinct, listed, namesOf } from './problems.ts';
import type { Size } from './resize.ts';
import { type ToldBands, takenOf } from './sourceBands.ts';

/** A side of the chips of a model that takes any size, where nobody says another. */
const DEFAULT_SIDE = 256;

type Properties = ModelItem['properties'];
type Input = Properties['mlm:input'][0];

export const INPUT = 'properties.mlm:input[0]';

/** What an input takes, of the scene file's bands or derived from them. */
export function bandsOf(input: Input, told: ToldBands, check: Check, problems: string[]): ModelBand[] {
  const bands = takenOf(input);
  const sourceNames = namesOf(told.bands);
  const word = input.bands.length > 0 ? 'bands' : 'variables';
  check(
    input.bands.length === 0 || input.variables.length === 0,
    `${INPUT}.variables`,
    namesOf(input.variables),
    'nothing beside bands: list them all as bands',
  );
  checkDistinct(
    `${INPUT}.${word}`,
    namesOf(bands),
    check,
    'each band once: of several dates, each has a name of its own, such as B04_1 and B04_2',
  );
  // An input that refers to no band takes all that the file has.
  if (bands.length === 0) return sourceNames.map((name, source) => ({ name, source }));
  return bands.map(({ name, expression }, i) => {
    const path = `${INPUT}.${word}[${i}]`;
    const source = sourceNames.indexOf(name);
    try {
      if (expression !== undefined) return { name, plan: parseExpression(expression, sourceNames) };
      check(source >= 0, path, name, `one of ${told.path} (${listed(sourceNames)})`);
    } catch (error) {
      addProblem(error, path, problems);
    }
    return { name, source };
  });
}

/** How each of an input's bands is scaled. */
export function scalingOf(
  { value_scaling: given }: Input,
  bands: readonly ModelBand[],
  check: Check,
  problems: string[],
): ModelPackage['scaling'] {
  const scalings = given ?? [{ type: null }];
  check(
    scalings.length === 1 || scalings.length === bands.length,
    `${INPUT}.value_scaling`,
    `${scalings.length} scalings`,
    `one for all bands, or one for each of the ${bands.length} (several steps for one band are one {"type": "processing", "format": "gdal-calc", "expression": "…"})`,
  );
  return bands.map(({ name }, i) => {
    const scaling = scalings[i] ?? scalings[0]!;
    if (scaling.type !== 'processing') return scaling;
    try {
      const plan = parseExpression(scaling.expression, [name, ...VALUE_NAMES]);
      return { type: 'processing', plan: { ...plan, bands: plan.bands.map(() => 0) } };
    } catch (error) {
      const at = scalings[i] === undefined ? 0 : i;
      if (scalings[i] !== undefined || i === 0) addProblem(error, `${INPUT}.value_scaling[${at}]`, problems);
      return { type: null };
    }
  });
}

/** What a scaling's expression may call the value, beside the name of its band; gdal_calc calls its first file A. */
const VALUE_NAMES = ['x', 'A'];

/** An input's layout; an input of a free height and width takes chips of `swath:chip_shape`. */
export function tensorOf(properties: Properties, input: Input, bandCount: number, check: Check): TensorLayout {
  const { shape, dim_order: order, data_type: dataType } = input.input;
  const named = order.map(dimensionOf);
  const dimensions = named.filter((name) => name !== undefined);
  const isVector = order.length === 2;
  check(
    dimensions[0] === 'batch' &&
      dimensions.length === order.length &&
      new Set(dimensions).size === order.length &&
      (isVector ? dimensions[1] === 'bands' : order.length === 4),
    `${INPUT}.input.dim_order`,
    order,
    '"batch" first, then "bands" (or "channel"), "height" and "width" in any order; or, for rows of numbers, "batch" and "feature"',
  );
  const path = `${INPUT}.input.shape`;
  check(shape.length === order.length, path, shape, `one size for each of ${order.join(', ')}`);

  const allowed: Record<Dimension, [holds: (size: number) => boolean, rule: string]> = {
    batch: [
      (size) => size === -1 || (size >= 1 && size <= MAX_BATCH_SIZE),
      `-1 for any batch, or 1 to ${MAX_BATCH_SIZE}`,
    ],
    bands: [(size) => size === bandCount, `${bandCount}, the number of the input's bands`],
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
  check(
    height * width * bandCount <= MAX_VALUES_PER_CHIP,
    path,
    shape,
    `at most ${MAX_VALUES_PER_CHIP} values in all bands of a chip`,
  );
  return { dataType, dimensions, batch: sizes.batch === -1 ? null : sizes.batch, height, width };
}

/** The sizes of chips, of which an input may leave some free. */
function chipShapeOf(properties: Properties, { height, width }: Size, check: Check): Size {
  const { 'swath:chip_shape': asked, 'swath:multiple': multiple = 1 } = properties;
  const side = Math.max(multiple, DEFAULT_SIDE - (DEFAULT_SIDE % multiple));
  const [wantedHeight, wantedWidth] = asked ?? [height === -1 ? side : height, width === -1 ? side : width];
  const fits = (wanted: number, size: number) => wanted === size || (size === -1 && wanted % multiple === 0);
  check(
    asked === undefined || (fits(wantedHeight, height) && fits(wantedWidth, width)),
    'properties.swath:chip_shape',
    asked,
    `[${[height, width].map((size) => (size === -1 ? `any multiple of ${multiple}` : size)).join(', ')}], as the input takes them`,
  );
  return { height: wantedHeight, width: wantedWidth };
}

function addProblem(error: unknown, path: string, problems: string[]): void {
  if (!(error instanceof InvalidModelPackage)) throw error;
  problems.push(`${path}.${error.message}`);
}

const isSize = (size: number) => size === -1 || size >= 1;
