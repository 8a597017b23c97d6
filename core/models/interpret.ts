import { InvalidModelPackage } from '../errors.ts';
import { MAX_BATCH_SIZE, MAX_VALUES_PER_BATCH, MAX_VALUES_PER_CHIP } from '../limits.ts';
import { bytesPerValue } from './dataTypes.ts';
import { parseExpression } from './expression.ts';
import { outputOf } from './interpretOutput.ts';
import type { ModelItem } from './item.ts';
import { isSafeName, packageFile, safeNameRule, slug } from './names.ts';
import type { Dimension, ModelBand, ModelPackage, PackageContent, TensorLayout } from './package.ts';
import { type Check, listed, problem, refuse, repeatedIn } from './problems.ts';
import { resizeObstacle } from './resize.ts';

const DEFAULT_BATCH_SIZE = 64;
const DEFAULT_NODATA_LIMIT = 0.5;

/** The model bucket's own file beside the versions of a model. */
const NOT_A_VERSION = 'promoted.json';

type Properties = ModelItem['properties'];

const INPUT = 'properties.mlm:input[0]';

/**
 * Makes of an item's fields what the service works with, and checks that they agree with one another.
 * @throws {InvalidModelPackage} that lists each problem with its JSON path, what was found and what is allowed
 */
export function interpretItem({ properties, assets }: ModelItem): PackageContent {
  const problems: string[] = [];
  const check: Check = (holds, path, found, allowed) => {
    if (!holds) problems.push(problem(path, found, allowed));
  };
  const tensor = tensorOf(properties, check);
  const model = {
    ...identityOf(properties, check),
    onnxFile: onnxFileOf(assets, check),
    ...sourceOf(properties, tensor, check),
    bands: bandsOf(properties, check, problems),
    scaling: scalingOf(properties, check),
    tensor,
    ...outputOf(properties, tensor, check),
    batchSize: tensor.batch ?? batchSizeOf(properties, tensor),
  };
  if (problems.length > 0) refuse('item.json', problems);
  return model;
}

function identityOf({ 'mlm:name': title, version }: Properties, check: Check) {
  const name = slug(title);
  check(isSafeName(name), 'properties.mlm:name', title, 'a text with letters or digits that makes a file name');
  check(isSafeName(version) && version !== NOT_A_VERSION, 'properties.version', version, safeNameRule);
  return { name, version };
}

function onnxFileOf(assets: ModelItem['assets'], check: Check): string {
  const models = Object.entries(assets).filter(([, { roles }]) => roles?.includes('mlm:model'));
  // One model may come in several formats, each an asset of its own.
  const [chosen, ...others] = models.length > 1 ? models.filter(([, { href }]) => href.endsWith('.onnx')) : models;
  check(
    chosen !== undefined && others.length === 0,
    'assets',
    Object.keys(assets),
    'one asset with the role "mlm:model" (of several, one whose href ends in ".onnx")',
  );
  const file = packageFile(chosen?.[1].href ?? '');
  if (chosen)
    check(
      file !== undefined,
      `assets.${chosen[0]}.href`,
      chosen[1].href,
      'a file inside the package, like "./model.onnx"',
    );
  return file ?? '';
}

function sourceOf(properties: Properties, tensor: TensorLayout, check: Check) {
  const [height = tensor.height, width = tensor.width] = properties['swath:source_shape'] ?? [];
  const names = namesOf(properties.bands);
  checkDistinct('properties.bands', names, check);
  check(
    height * width * names.length <= MAX_VALUES_PER_CHIP,
    'properties.swath:source_shape',
    [height, width],
    `at most ${MAX_VALUES_PER_CHIP} values in all bands of a chip`,
  );
  const resize = properties['mlm:input'][0].resize_type ?? null;
  const obstacle = resizeObstacle(resize, { height, width }, tensor);
  check(obstacle === undefined, `${INPUT}.resize_type`, resize, obstacle ?? '');
  const truth = properties['swath:truth'] ?? null;
  check(truth === null || !names.includes(truth), 'properties.swath:truth', truth, 'a feature that is no band');
  const bands = properties.bands.map(({ name, data_type: dataType, 'eo:common_name': commonName }) => ({
    name,
    dataType,
    bytesPerChip: height * width * bytesPerValue(dataType),
    commonName: commonName ?? null,
  }));
  const blank = {
    blankMax: properties['swath:blank_max'] ?? null,
    nodataLimit: properties['swath:nodata_share'] ?? DEFAULT_NODATA_LIMIT,
  };
  return { source: { height, width, bands }, resize, truth, ...blank };
}

function bandsOf(properties: Properties, check: Check, problems: string[]): ModelBand[] {
  const sourceNames = namesOf(properties.bands);
  const { bands } = properties['mlm:input'][0];
  checkDistinct(`${INPUT}.bands`, namesOf(bands), check);
  return bands.map(({ name, expression }, i) => {
    const path = `${INPUT}.bands[${i}]`;
    const source = sourceNames.indexOf(name);
    try {
      if (expression !== undefined) return { name, plan: parseExpression(expression, sourceNames) };
      check(source >= 0, path, name, `one of properties.bands (${listed(sourceNames)})`);
    } catch (error) {
      if (!(error instanceof InvalidModelPackage)) throw error;
      problems.push(`${path}.${error.message}`);
    }
    return { name, source };
  });
}

function scalingOf(properties: Properties, check: Check): ModelPackage['scaling'] {
  const { bands, value_scaling: given } = properties['mlm:input'][0];
  const scalings = given ?? [{ type: null }];
  check(
    scalings.length === 1 || scalings.length === bands.length,
    `${INPUT}.value_scaling`,
    `${scalings.length} scalings`,
    `one for all bands, or one for each of the ${bands.length}`,
  );
  return bands.map((_, i) => scalings[i] ?? scalings[0]!);
}

function tensorOf(properties: Properties, check: Check): TensorLayout {
  const { bands, input } = properties['mlm:input'][0];
  const { shape, dim_order: order, data_type: dataType } = input;
  const named = order.map((name) => (name === 'channel' ? 'bands' : name));
  const dimensions = named.filter(isDimension);
  check(
    order.length === 4 && new Set(dimensions).size === 4 && dimensions[0] === 'batch',
    `${INPUT}.input.dim_order`,
    order,
    '"batch" first, then "bands" (or "channel"), "height" and "width" in any order',
  );
  const path = `${INPUT}.input.shape`;
  check(shape.length === order.length, path, shape, `one size for each of ${order.join(', ')}`);

  const allowed: Record<Dimension, [holds: (size: number) => boolean, rule: string]> = {
    batch: [
      (size) => size === -1 || (size >= 1 && size <= MAX_BATCH_SIZE),
      `-1 for any batch, or 1 to ${MAX_BATCH_SIZE}`,
    ],
    bands: [(size) => size === bands.length, `${bands.length}, the number of the input's bands`],
    height: [(size) => size >= 1, 'a fixed height of 1 or more'],
    width: [(size) => size >= 1, 'a fixed width of 1 or more'],
  };
  const sizes = { batch: 1, bands: 1, height: 1, width: 1 };
  for (const [i, size] of shape.entries()) {
    const dimension = named[i];
    if (dimension === undefined || !isDimension(dimension)) continue;
    const [holds, rule] = allowed[dimension];
    check(shape.length !== order.length || holds(size), `${path}[${i}]`, size, rule);
    sizes[dimension] = size;
  }
  const { batch, height, width } = sizes;
  check(
    height * width * bands.length <= MAX_VALUES_PER_CHIP,
    path,
    shape,
    `at most ${MAX_VALUES_PER_CHIP} values in all bands of a chip`,
  );
  return { dataType, dimensions, batch: batch === -1 ? null : batch, height, width };
}

function batchSizeOf(properties: Properties, { height, width }: TensorLayout): number {
  const suggested = properties['mlm:batch_size_suggestion'] ?? DEFAULT_BATCH_SIZE;
  const values = height * width * properties['mlm:input'][0].bands.length;
  return Math.max(1, Math.min(suggested, MAX_BATCH_SIZE, Math.floor(MAX_VALUES_PER_BATCH / values)));
}

function checkDistinct(path: string, found: readonly unknown[], check: Check): void {
  const repeated = repeatedIn(found);
  check(repeated.length === 0, path, repeated, 'each name and value once');
}

const namesOf = (things: readonly { name: string }[]) => things.map(({ name }) => name);

const isDimension = (name: string): name is Dimension => ['batch', 'bands', 'height', 'width'].includes(name);
