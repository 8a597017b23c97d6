import { InvalidSceneFile, ObjectNotFound } from '../../core/errors.ts';
import type { ChipAt } from '../../core/scenes/chipAt.ts';
import { makeThumbnail } from '../../core/scenes/thumbnail.ts';
import { Refused } from '../answer.ts';
import type { Service } from '../service.ts';
import { knownRun } from './knownRun.ts';
import type { PredictedRuns } from './predictedRuns.ts';

/** A side of a thumbnail has at most so many pixels. */
const LONGEST_SIDE = 256;

/** Where a chip's thumbnail is: a run's bytes and its model never change, so neither does the picture. */
export function thumbnailPath(run: string, index: number): string {
  return `/api/chips/${run}/${index}.png`;
}

/** A picture of a chip, which is read from its scene file. Throws `Refused` with 404. */
export async function thumbnailOf(
  { ledger, models, chipAt }: Pick<Service, 'ledger' | 'models'> & { chipAt: ChipAt },
  predictedRuns: PredictedRuns,
  run: string,
  index: number,
): Promise<Uint8Array> {
  try {
    const { row, chips } = await (predictedRuns.kept(run) ?? predictedRuns.read(await knownRun({ ledger }, run)));
    const chip = chips.find((one) => one.index === index);
    if (chip === undefined) throw new Refused(404, `Run ${run} has no picture of a chip ${index}.`);
    const model = await models.load(row.model);
    const { size = 0 } = row; // known of every run that is done
    return makeThumbnail(model, LONGEST_SIDE)(await chipAt({ ...row.scene, size }, chip, model));
  } catch (error) {
    // The file is gone, or another one lies in its place.
    if (error instanceof ObjectNotFound || error instanceof InvalidSceneFile) throw new Refused(404, error.message);
    throw error;
  }
}
