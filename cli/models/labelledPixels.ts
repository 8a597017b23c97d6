import { dirname, resolve } from 'node:path';
import { sample } from 'simple-statistics';
import type { Plane } from '../../core/arrays/dataTypes.ts';
import { insteadOf } from '../../core/base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../core/base/limits.ts';
import { wholeArea } from '../../core/package/area.ts';
import { type Chip, windowOf } from '../../core/package/chip.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import { makeRasterValues } from '../../core/scenes/raster/raster.ts';
import { logProbability, type ScoredChip } from '../../core/statistics/calibration/temperature.ts';
import { makeProbabilities } from '../../core/tasks/segmentation/labelPixels.ts';
import { openSource } from '../../local/buckets/plainFile.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { WrongUse } from '../terminal/failure.ts';

/** Neighbouring pixels are alike: more of a chip would say little more, and each chip should say as much as any other. */
const PIXELS_OF_CHIP = 200;

/** The pixels of a chip whose class is known: where in the chip, and the place of the class. */
export type KnownPixels = readonly { readonly x: number; readonly y: number; readonly truth: number }[];

/** Makes the reader of masks, whose paths are relative to `table`: each is as large as the chip, or as its scene. */
export function makeMasks({ classes, output, source: { width, height } }: ModelPackage, table: string) {
  const places = new Map(classes.map(({ value }, place) => [value, place]));
  return async ({ place, area = wholeArea(output.pixels!) }: Chip, path: string): Promise<KnownPixels> => {
    const wrong = (found: string) =>
      new WrongUse(
        `${table}: the mask ${path}: found ${found}, allowed is a raster of one band, as large as the scene or the chip, ${width} × ${height}.`,
      );
    const unreadable = insteadOf(Error, ({ message }) => wrong(message));
    await using file = await openSource(resolve(dirname(table), path)).catch(unreadable);
    const mask = await openGeoTiff(file, { maxBlockBytes: MOST_SCENE_LIMITS.maxRecordBytes, cacheBytes: 0 });
    const isOfChip = mask.width === width && mask.height === height;
    const { x: left, y: top } = (isOfChip ? null : windowOf(place)) ?? { x: 0, y: 0 };
    if (mask.bands.length !== 1 || mask.width < left + width || mask.height < top + height)
      throw wrong(`${mask.width} × ${mask.height} pixels and ${mask.bands.length} bands`);
    const values = makeRasterValues(mask.type, width * height);
    const { valid } = await mask.read({ x: left, y: top, width, height }, [0], [values]);
    return Array.from({ length: area.width * area.height }, (_, i) => {
      const [x, y] = [area.x + (i % area.width), area.y + Math.floor(i / area.width)];
      const at = y * width + x;
      const truth = area.valid?.[i] === 0 || valid?.[at] === 0 ? undefined : places.get(Number(values[at]));
      return { x, y, truth: truth ?? -1 };
    }).filter(({ truth }) => truth >= 0);
  };
}

/** Makes the function that draws pixels of a chip, with the logarithms of their probabilities. */
export function makeScoredPixels(model: ModelPackage, most = PIXELS_OF_CHIP) {
  const { shape, strides, margin } = model.output.pixels!;
  const size = shape.reduce((product, side) => product * side, 1);
  const probabilitiesAt = makeProbabilities(model);
  const random = sfc32(1, 2, 3);
  return (outputs: Plane, chip: number, known: KnownPixels): ScoredChip[] =>
    (known.length > most ? sample([...known], most, random) : known).flatMap(({ x, y, truth }) => {
      const at = chip * size + (y - margin.top) * strides.row + (x - margin.left) * strides.column;
      const probabilities = probabilitiesAt(outputs, at);
      return probabilities.every(Number.isFinite) ? [{ scores: probabilities.map(logProbability), truth }] : [];
    });
}
