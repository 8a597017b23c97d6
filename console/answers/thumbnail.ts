import { InvalidSceneFile, ObjectNotFound } from '../../core/errors.ts';
import { makeThumbnail } from '../../core/scenes/thumbnail.ts';
import { Refused } from '../answer.ts';
import type { Service } from '../service.ts';
import type { PredictedRuns } from './predictedRuns.ts';
import { knownRun } from './run.ts';

/** A side of a thumbnail has at most so many pixels. */
const LONGEST_SIDE = 256;

/** Where a chip's thumbnail is: a run's bytes and its model never change, so neither does the picture. */
export function thumbnailPath(run: string, index: number): string {
  return `/api/chips/${run}/${index}.png`;
}

/** A picture of a chip, for which the record is read from its scene file, by one ranged read. Throws `Refused` with 404. */
export async function thumbnailOf(
  { ledger, models, readRange }: Pick<Service, 'ledger' | 'models' | 'readRange'>,
  predictedRuns: PredictedRuns,
  run: string,
  index: number,
): Promise<Uint8Array> {
  try {
    const { row, chips } = await (predictedRuns.kept(run) ?? predictedRuns.read(await knownRun({ ledger }, run)));
    const chip = chips.find((one) => one.index === index);
    if (chip === undefined) throw new Refused(404, `Run ${run} has no picture of a chip ${index}.`);
    const draw = makeThumbnail(await models.load(row.model), LONGEST_SIDE);
    const { scene, offset, length } = chip;
    return draw(await readRange(scene, offset, length), { file: scene.key, index, offset });
  } catch (error) {
    // The file is gone, or another one lies in its place.
    if (error instanceof ObjectNotFound || error instanceof InvalidSceneFile) throw new Refused(404, error.message);
    throw error;
  }
}
