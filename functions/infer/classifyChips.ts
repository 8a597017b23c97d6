import { type ChipPrediction, judged } from '../../core/predictions/chipPrediction.ts';
import { chipId } from '../../core/run.ts';
import type { Session } from '../../core/runtimes/runtime.ts';
import { chipsPerPart, makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import type { ReadScene } from './readScene.ts';

/**
 * Classifies the chips of many files as if they were one's: batches of the model are full, however small the files. `take`
 * adds a file's; what it is given to say is told when all of the file's chips are classified.
 */
export function makeClassifyChips({ model, batchSize, run }: Session, wanted: number, between: () => Promise<void>) {
  const part = makePartBuilder(model, chipsPerPart(model, wanted));
  const width = model.classes.length;
  let waiting: { digest: string; into: ChipPrediction[] }[] = [];

  async function take({ digest, seen }: Pick<ReadScene, 'digest' | 'seen'>): Promise<ChipPrediction[]> {
    const into: ChipPrediction[] = [];
    for (const chip of seen) {
      part.add(chip);
      waiting.push({ digest, into });
      if (part.isFull()) await flush();
    }
    return into;
  }

  /** Classifies what has not filled a part: what `take` has answered is whole after it. */
  async function flush(): Promise<void> {
    if (part.chips() === 0) return;
    const [prepared, owners] = [decodePart(part.take()), waiting];
    waiting = [];
    for (let first = 0; first < prepared.chips; first += batchSize) {
      await between();
      const chips = Math.min(batchSize, prepared.chips - first);
      const rows = await run(prepared, first, chips);
      for (let chip = 0; chip < chips; chip += 1) {
        const at = first + chip;
        const { digest, into } = owners[at]!;
        const index = prepared.index[at]!;
        into.push({
          ...{ chip_id: chipId(digest, index), index, offset: prepared.offset[at]!, length: prepared.length[at]! },
          ...judged(rows.subarray(chip * width, (chip + 1) * width)),
          ...{ truth: prepared.truth[at]!, digest },
        });
      }
    }
  }

  return { take, flush };
}
