import { bytesPerValue, rangeOf } from '../arrays/dataTypes.ts';
import { resizeObstacle, type Size } from '../arrays/resize.ts';
import { MAX_BATCH_SIZE, MAX_NAME_LENGTH, MAX_VALUES_PER_BATCH, MAX_VALUES_PER_CHIP } from '../base/limits.ts';
import { isSafeName, packageFile, safeNameRule, slug } from '../base/names.ts';
import { type Carried, carriedAs, isReserved } from './carry.ts';
import type { ChipSegments, SourceBand, TensorLayout } from './facts.ts';
import { answerable } from './gateRules.ts';
import { inputPath, inputsOf } from './interpretInput.ts';
import { outputOf } from './interpretOutput.ts';
import type { ModelItem } from './item.ts';
import maskProducts from './maskProducts.json' with { type: 'json' };
import type { ModelOutput } from './outputLayout.ts';
import type { ModelPackage, PackageContent } from './package.ts';
import { type Check, checkDistinct, checked, namesOf } from './problems.ts';
import { runsOn } from './runsOn.ts';
import { sourceBandsOf, type ToldBands } from './sourceBands.ts';
import type { Task } from './task.ts';
import { textAsBands } from './text/textInputs.ts';

const DEFAULT_BATCH_SIZE = 64;
/** A BERT of the usual size takes half a second for a text of 512 tokens. */
const TEXT_BATCH_SIZE = 16;
const DEFAULT_NODATA_LIMIT = 0.5;

/** The model bucket's own file next to a model's versions. */
const NOT_A_VERSION = 'promoted.json';

/** The version of an item that states none, which MLM allows. */
const NO_VERSION = '0';

type Properties = ModelItem['properties'];

/**
 * Interprets an item's fields for the service, and checks that they are consistent.
 * @throws {InvalidModelPackage} with all problems: for each its JSON path, what was found and what is allowed
 */
export const interpretItem = (item: ModelItem, tasks: readonly Task[]): PackageContent =>
  checked('item.json', (check, problems) => contentOf(item, tasks, check, problems));

function contentOf(item: ModelItem, tasks: readonly Task[], check: Check, problems: string[]) {
  const { assets } = item;
  const { properties, text } = textAsBands(item.properties, check);
  const asset = modelAsset(assets, check);
  const artifact = artifactOf(asset, assets, check);
  const told = sourceBandsOf(properties, asset, properties['mlm:input']);
  const { bands, scaling, inputs } = inputsOf(properties, told, check, problems);
  const { tensor } = inputs[0]!;
  const output = outputOf(properties, tensor, tasks, check);
  const source = sourceOf(properties, told, tensor, check, text?.fills.length);
  const suggested = properties['mlm:batch_size_suggestion'] ?? (text ? TEXT_BATCH_SIZE : DEFAULT_BATCH_SIZE);
  const model = {
    ...identityOf(properties, check),
    artifact,
    ...runsOn({ artifact }, properties, check),
    ...source,
    ...(isOfPictures(properties, tensor, output.output, check) && { isOfPictures: true as const }),
    overlap: overlapOf(properties, source.source, output, check),
    bands,
    scaling,
    tensor,
    inputs,
    ...output,
    ...(text && { text }),
    batchSize: tensor.batch ?? batchSizeOf(suggested, tensor, bands.length, output.output),
  };
  const carry = carryOf(properties, model, check);
  const gate = properties['swath:gate'];
  const meant = gate && answerable(gate, model.task);
  const silent = `nothing, as the task ${model.task.name} has the rules ${model.task.answers.join(', ')} and max_time_ratio`;
  for (const [name, value] of Object.entries(gate ?? {}))
    check(name in meant!, `properties.swath:gate.${name}`, value, silent);
  const { 'swath:expected_accuracy': expectedAccuracy, 'swath:expected_on': expectedOn } = properties;
  const { name, right } = model.task;
  const mayExpect = expectedAccuracy === undefined || right !== undefined;
  const rule = `nothing, as predictions of the task ${name} are not right or wrong`;
  check(mayExpect, 'properties.swath:expected_accuracy', expectedAccuracy, rule);
  return {
    ...model,
    ...featuresOf(properties, model, check),
    ...(carry.length > 0 && { carry }),
    ...(gate && { gate }),
    ...(expectedAccuracy !== undefined && { expectedAccuracy }),
    ...(expectedOn && { expectedOn }),
    ...(properties['swath:abstain'] && { abstains: true as const }),
    ...segmentsOf(properties, carry, check),
  };
}

function identityOf({ 'mlm:name': title, version = NO_VERSION }: Properties, check: Check) {
  const name = slug(title);
  const named = `a text with letters or digits that makes a file name, of at most ${MAX_NAME_LENGTH}`;
  check(isSafeName(name), 'properties.mlm:name', title, named);
  check(isSafeName(version) && version !== NOT_A_VERSION, 'properties.version', version, safeNameRule);
  return { name, version };
}

function modelAsset(assets: ModelItem['assets'], check: Check) {
  const models = Object.entries(assets).filter(([, { roles }]) => roles?.includes('mlm:model'));
  // A model may come in several formats, each an asset of its own.
  const [chosen, ...others] = models.length > 1 ? models.filter(([, { href }]) => href.endsWith('.onnx')) : models;
  const rule = 'one asset with the role "mlm:model" (of several, one whose href ends in ".onnx")';
  check(chosen !== undefined && others.length === 0, 'assets', Object.keys(assets), rule);
  return chosen;
}

function artifactOf(asset: ReturnType<typeof modelAsset>, assets: ModelItem['assets'], check: Check) {
  if (asset === undefined) return { file: '', format: '' };
  const weights = Object.entries(assets).filter(([, of]) => holdsWeights(of));
  const rule = 'one asset with the role "mlm:weights" and the "mlm:artifact_type" "onnx"';
  check(weights.length < 2, 'assets', Object.keys(assets), rule);
  const [file = '', data] = [asset, ...weights].map(([key, { href }]) => {
    const name = packageFile(href);
    check(name !== undefined, `assets.${key}.href`, href, 'a file inside the package, like "./model.onnx"');
    return name ?? '';
  });
  const { 'mlm:artifact_type': format = 'onnx' } = asset[1];
  return { file, format: format.toLowerCase(), ...(data !== undefined && { data }) };
}

/** Those of another format, such as the checkpoint that was exported, are not for the graph. */
const holdsWeights = ({ roles = [], 'mlm:artifact_type': format }: ModelItem['assets'][string]) =>
  format === 'onnx' && roles.includes('mlm:weights') && !roles.includes('mlm:model');

function sourceOf(properties: Properties, told: ToldBands, tensor: TensorLayout, check: Check, ofTokens = 0) {
  const [height = tensor.height, width = tensor.width] = properties['swath:source_shape'] ?? [];
  const names = namesOf(told.bands);
  checkDistinct(told.path, names, check);
  const isHeld = height * width * names.length <= MAX_VALUES_PER_CHIP;
  const most = `at most ${MAX_VALUES_PER_CHIP} values in all bands of a chip`;
  check(isHeld, 'properties.swath:source_shape', [height, width], most);
  const resize = properties['mlm:input'][0].resize_type ?? null;
  const obstacle = resizeObstacle(resize, { height, width }, tensor);
  check(obstacle === undefined, `${inputPath(0)}.resize_type`, resize, obstacle ?? '');
  const mask = maskOf(properties, told, check);
  const truth = properties['swath:truth'] ?? null;
  const isNoBand = truth === null || ofTokens > 0 || !names.includes(truth);
  check(isNoBand, 'properties.swath:truth', truth, 'a feature that is no band');
  const measured = names.filter((_, i) => i !== mask?.band);
  const methods = methodsOf(properties, measured, check);
  const bands = told.bands.map(({ name, commonName, scale, offset, nodata, ...band }, i): SourceBand => {
    const isMask = i === mask?.band;
    const isPhysical = properties['swath:physical'] === true && !isMask;
    const dataType = isPhysical && band.dataType !== 'float64' ? 'float32' : band.dataType;
    const bytesPerChip = height * width * bytesPerValue(dataType);
    const resampling = methods && Object.hasOwn(methods, name) ? methods[name] : undefined;
    const more = {
      ...(nodata !== null && { nodata: String(nodata) }),
      ...(resampling && { resampling }),
      ...(isMask && { isMask }),
      ...(i < ofTokens && { isTokens: true as const }),
    };
    const about = { name, dataType, bytesPerChip, commonName, ...more };
    const stored = scale === null && offset === null ? dataType : band.dataType;
    return isPhysical ? { ...about, physical: { scale: scale ?? 1, offset: offset ?? 0, stored } } : about;
  });
  const { 'swath:blank_max': blank, 'swath:nodata_share': nodataLimit = DEFAULT_NODATA_LIMIT } = properties;
  const source = { height, width, bands };
  return { source, resize, truth, blankMax: blank ?? null, nodataLimit, ...(mask && { mask }) };
}

function maskOf({ 'swath:mask': mask, 'swath:picture': isPicture }: Properties, { bands }: ToldBands, check: Check) {
  if (mask === undefined) return undefined;
  if ('cloudCover' in mask) return { band: null, values: [], bits: 0, share: mask.cloudCover / 100 };
  if ('model' in mask) {
    const { share, ...map } = mask;
    check(!isPicture, 'properties.swath:mask.model', map.model, 'a band, for a model of pictures');
    return { band: -1, values: [], bits: 0, share, map };
  }
  const whole = bands.filter(({ dataType }) => !dataType.startsWith('float')).map(({ name }) => name);
  const rule = `a source band of whole numbers: ${whole.join(', ') || 'there is none'}`;
  check(whole.includes(mask.band), 'properties.swath:mask.band', mask.band, rule);
  const hides: { values?: number[]; bits?: number[] } = 'product' in mask ? maskProducts[mask.product] : mask;
  const { values = [], bits = [] } = hides;
  const band = bands.findIndex(({ name }) => name === mask.band);
  const type = bands[band]?.dataType ?? 'int32';
  const { low, high } = rangeOf(type);
  const isHeld = values.every((value) => value >= low && value <= high) && Math.max(...bits) < 8 * bytesPerValue(type);
  check(isHeld, 'properties.swath:mask', mask, `what a value of ${type} can hold`);
  return { band, values, bits: bits.reduce((all, bit) => all | (1 << bit), 0), share: mask.share };
}

/** Returns how each band is resampled, where the package says so. The values of a mask are codes, which have no mean. */
function methodsOf({ 'swath:resampling': given }: Properties, bands: string[], check: Check) {
  if (typeof given === 'string') return Object.fromEntries(bands.map((name) => [name, given]));
  const rule = `a source band other than that of swath:mask: ${bands.join(', ')}`;
  for (const [name, method] of Object.entries(given ?? {}))
    check(bands.includes(name), `properties.swath:resampling.${name}`, method, rule);
  return given;
}

/** A map, and a row of numbers, have no use for a picture of another size. */
function isOfPictures(properties: Properties, { dimensions }: TensorLayout, { pixels }: ModelOutput, check: Check) {
  const { 'swath:picture': isPicture = false } = properties;
  const mayBe = dimensions.includes('height') && pixels === null;
  const rule = 'false, as pictures are for models of images that predict one thing for each';
  check(!isPicture || mayBe, 'properties.swath:picture', isPicture, rule);
  return isPicture;
}

/** The default overlap of neighbouring chips of a raster, in pixels: a network has less context at a chip's border. */
function usualOverlap({ height, width }: Size, { pixels }: ModelOutput): number {
  if (pixels === null) return 0;
  const side = Math.min(height, width);
  const both = 2 * Math.max(16, Math.floor(side / 16));
  return Math.max(2 * Math.max(pixels.margin.top, pixels.margin.left), Math.min(both, Math.floor(side / 2)));
}

/** For pixel models, at least what the model omits at both sides: each pixel between two chips has a prediction. */
function overlapOf(properties: Properties, chip: Size, { output }: Pick<PackageContent, 'output'>, check: Check) {
  const overlap = properties['swath:overlap'] ?? usualOverlap(chip, output);
  const side = Math.min(chip.height, chip.width);
  const { top = 0, left = 0 } = output.pixels?.margin ?? {};
  const least = 2 * Math.max(top, left);
  const most = least > 0 ? `at least ${least}, which the model leaves out between two chips, and ` : '';
  const rule = `${most}fewer pixels than a chip has, ${side}`;
  check(overlap >= least && (overlap < side || overlap === 0), 'properties.swath:overlap', overlap, rule);
  return overlap;
}

/** Each is a column of the predictions besides the existing ones. */
function carryOf(properties: Properties, model: PackageContent, check: Check): Carried[] {
  const path = 'properties.swath:carry';
  const carry = (properties['swath:carry'] ?? []).map(carriedAs);
  const taskColumns = model.task.columns(model as ModelPackage);
  const names = namesOf(carry).map((name) => name.toLowerCase()); // Athena ignores case
  checkDistinct(path, names, check);
  const taken = [...namesOf(taskColumns), ...namesOf(model.source.bands), ...(model.text?.columns ?? [])];
  const clash = carry.find((_, i) => isReserved(names[i]!) || taken.some((name) => name.toLowerCase() === names[i]));
  const rule = 'no band, and no column that predictions have anyway (rename it in the files)';
  check(clash === undefined, path, clash?.name, rule);
  return carry;
}

/** From which records inputs by reference take their values. */
function featuresOf({ 'swath:features': told }: Properties, { source, text }: PackageContent, check: Check) {
  if (told === undefined) return {};
  const { group, id, event_time: eventTime, max_age_hours: maxAgeHours, pair } = told;
  const takesRows = text !== undefined || source.height * source.width === 1;
  check(takesRows, 'properties.swath:features', told, 'a model of rows of numbers, or of texts');
  const isPair = pair === undefined || text?.columns.length === 2;
  check(isPair, 'properties.swath:features.pair', pair, 'a model of two texts (swath:text.columns)');
  const more = { ...(maxAgeHours !== undefined && { maxAgeHours }), ...(pair !== undefined && { pair }) };
  return { features: { name: group, id, eventTime, ...more } };
}

function segmentsOf({ 'swath:segments': segments = {} }: Properties, carry: readonly Carried[], check: Check) {
  const ofFiles: Record<string, string[]> = {};
  const ofChips: Record<string, ChipSegments> = {};
  for (const [name, of] of Object.entries(segments))
    if (typeof of === 'string' || Array.isArray(of)) ofFiles[name] = [of].flat();
    else {
      const path = `properties.swath:segments.${name}`;
      checkDistinct(`${path}.values`, of.values, check, 'each value once');
      if ('column' in of) {
        const names = namesOf(carry);
        check(names.includes(of.column), `${path}.column`, of.column, `a feature of swath:carry (${names.join(', ')})`);
        ofChips[name] = of;
      } else {
        const file = packageFile(of.polygons);
        const rule = 'a file inside the package, like "landcover.geojson"';
        check(file !== undefined, `${path}.polygons`, of.polygons, rule);
        ofChips[name] = { ...of, polygons: file ?? '' };
      }
    }
  const hasSome = (of: object) => Object.keys(of).length > 0;
  return { ...(hasSome(ofFiles) && { segments: ofFiles }), ...(hasSome(ofChips) && { chipSegments: ofChips }) };
}

function batchSizeOf(suggested: number, { height, width }: Size, bandCount: number, { pixels }: ModelOutput) {
  const found = pixels?.shape.reduce((product, size) => product * size, 1) ?? 0;
  const values = Math.max(height * width * bandCount, found);
  return Math.max(1, Math.min(suggested, MAX_BATCH_SIZE, Math.floor(MAX_VALUES_PER_BATCH / values)));
}
