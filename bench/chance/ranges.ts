import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Edit, editedItem, INPUT, OUTPUT, PROPERTIES, smallModel } from '../../test/benches/packages.ts';
import { encodeOnnx } from '../../test/models/onnx.ts';
import { fileOf, type Picture, type Scene, wholeOf } from './picture.ts';

/** A chip's class is one of four ranges of its mean in one band, with limits at these shares of the raster's chips. */
const SHARES = [0.2, 0.5, 0.8];
export const CLASSES = SHARES.length + 1;
export const REF = { name: 'ranges', version: '1.0.0' };

/** Tells the class of a chip by its upper left pixel; undefined if the chip has pixels without data. */
export type ClassAt = (x: number, y: number) => number | undefined;

/** What a package of ranges is made of. */
export type Ranges = {
  side: number;
  limits: number[];
  classAt: ClassAt;
  whole: Scene;
  /** Its chips without pixels that lack data. */
  chips: Scene['chips'];
  reference: number[];
};

/** Finds the limits of the ranges, for chips of a side. */
export function rangesOf(picture: Picture, side: number): Ranges {
  const { width, height, valid } = picture;
  const meanAt = meansOf(picture, picture.bands[picture.told]!.values, side);
  const dataAt = meansOf(picture, valid ?? new Uint8Array(width * height).fill(1), side);
  const whole = wholeOf(picture, side);
  const chips = whole.chips.filter(([x, y]) => dataAt(x, y) === 1);
  const means = chips.map(([x, y]) => meanAt(x, y)).toSorted((a, b) => a - b);
  const limits = SHARES.map((share) => {
    const at = Math.ceil(share * means.length) - 1;
    const next = means.find((mean) => mean > means[at]!) ?? means[at]! + 1;
    return (means[at]! + next) / 2; // between two chips' means, so that rounding changes no class
  });
  const classAt: ClassAt = (x, y) => {
    if (dataAt(x, y) < 1) return undefined;
    const mean = meanAt(x, y);
    return limits.filter((limit) => mean > limit).length;
  };
  return { side, limits, classAt, whole, chips, reference: countsOf(whole, classAt) };
}

export function countsOf({ chips }: Pick<Scene, 'chips'>, classAt: ClassAt): number[] {
  const counts = new Array<number>(CLASSES).fill(0);
  for (const [x, y] of chips) {
    const own = classAt(x, y);
    if (own !== undefined) counts[own]! += 1;
  }
  return counts;
}

/** Returns the mean of the values of a chip, by the sums over all pixels above and to the left: it takes four of them. */
function meansOf({ width, height }: Picture, values: ArrayLike<number>, side: number) {
  const across = width + 1;
  const sums = new Float64Array(across * (height + 1));
  for (let y = 0; y < height; y += 1)
    for (let x = 0, row = 0; x < width; x += 1) {
      row += values[y * width + x]!;
      sums[(y + 1) * across + x + 1] = sums[y * across + x + 1]! + row;
    }
  return (x: number, y: number) => {
    const [low, high] = [y * across + x, (y + side) * across + x];
    return (sums[high + side]! - sums[high]! - sums[low + side]! + sums[low]!) / side ** 2;
  };
}

/** Writes a package whose profile `swath model profile` makes of the whole raster. */
export async function writePackage(
  folder: string,
  picture: Picture,
  ranges: Ranges,
  unit: 'scene' | 'chip',
  edits: readonly Edit[] = [],
) {
  const { side, limits } = ranges;
  const { name: told } = picture.bands[picture.told]!;
  const classes = Array.from({ length: CLASSES }, (_, value) => ({ name: `range-${value}`, value }));
  const item = await editedItem(
    ...smallModel(
      picture.bands.map(({ name }) => ({ name, data_type: picture.type })),
      [side, side],
      [told],
    ),
    [`${PROPERTIES}/mlm:name`, REF.name],
    [`${PROPERTIES}/swath:blank_max`, 0],
    [`${PROPERTIES}/swath:nodata_share`, 0],
    [`${INPUT}/name`, 'chips'],
    [
      OUTPUT,
      {
        name: 'logits',
        tasks: ['scene-classification'],
        result: { shape: [-1, CLASSES], dim_order: ['batch', 'class'], data_type: 'float32' },
        'classification:classes': classes,
        post_processing_function: { format: 'swath', expression: 'softmax' },
      },
    ],
    ...edits,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'item.json'), JSON.stringify(item));
  writeFileSync(join(folder, 'model.onnx'), modelOf(side, limits));
  writeFileSync(join(folder, 'reference.json'), JSON.stringify({ unit, classes: countsByName(ranges.reference) }));
  writeFileSync(join(folder, 'README.md'), `# ${REF.name}\n\nClasses are ranges of the mean of ${told}.\n`);
  const raster = join(folder, '..', 'whole.tif');
  writeFileSync(raster, fileOf(picture, side, ranges.whole, 0));
  swath('model', 'profile', folder, '--data', raster);
}

const countsByName = (counts: readonly number[]) =>
  Object.fromEntries(counts.map((count, value) => [`range-${value}`, count]));

const SWATH = fileURLToPath(new URL('../../cli/swath.mjs', import.meta.url));

function swath(...args: string[]): void {
  // As npx starts it, its first line finds Node; here it is to find the one that runs.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
  const { status, stderr, stdout } = spawnSync(SWATH, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`swath ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
}

/** A class's logit is a line over the mean, steeper by one from class to class: two neighbours meet at the limit between them. */
function modelOf(side: number, limits: readonly number[]): Uint8Array {
  const range = limits.at(-1)! - limits[0]!;
  const steepness = 20 / range;
  const slopes = Array.from({ length: CLASSES }, (_, own) => own * steepness);
  const starts = slopes.map(
    (_, own) => -steepness * limits.slice(0, own).reduce((sum, limit) => sum + limit - limits[0]!, 0),
  );
  return encodeOnnx({
    name: 'ranges',
    inputs: [{ name: 'chips', dimensions: ['batch', 1, side, side] }],
    outputs: [{ name: 'logits', dimensions: ['batch', CLASSES] }],
    constants: [
      { name: 'least', dimensions: [1, 1], values: [limits[0]!] },
      { name: 'slopes', dimensions: [1, CLASSES], values: slopes },
      { name: 'starts', dimensions: [1, CLASSES], values: starts },
    ],
    nodes: [
      { operator: 'ReduceMean', inputs: ['chips'], outputs: ['mean'], attributes: { axes: [2, 3], keepdims: 0 } },
      { operator: 'Sub', inputs: ['mean', 'least'], outputs: ['above'] },
      { operator: 'MatMul', inputs: ['above', 'slopes'], outputs: ['lines'] },
      { operator: 'Add', inputs: ['lines', 'starts'], outputs: ['logits'] },
    ],
  });
}
