import { type DataType, makePlane, rangeOf } from '../../core/arrays/dataTypes.ts';
import { makeBatches } from '../../core/inference/batch.ts';
import type { ChipBatch } from '../../core/inference/feed.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { sfc32 } from '../../replay/sfc32.ts';

/** The usual range of image values, by band type: 16-bit reflectances are stored times 10,000. */
const usualOf = (type: DataType): number =>
  type.startsWith('float') ? 1 : type.endsWith('int8') ? rangeOf(type).high : 10_000;
/** The mean of a band lies between these shares of the range: neither zero, by which a model may divide, nor overexposed. */
const [LEAST, MOST] = [0.2, 0.8];
/** How far a pixel may be from the mean, as a share of the range. It is small because ratios of noisy bands can be extreme. */
const TEXTURE = 0.02;

/** Makes a batch of plausible chips for a model's trial, the same each time; of texts, with any of the tokens that there are, also the last. */
export function ordinaryChips(model: ModelPackage, chips: number, vocabulary = 1): ChipBatch {
  const random = sfc32(1, 2, 3);
  const { bands, height, width } = model.source;
  const source = bands.map(({ dataType }) => makePlane(dataType, height * width));
  const { empty, put } = makeBatches(model);
  const batch = empty(chips);
  for (let chip = 0; chip < chips; chip += 1) {
    for (const [i, plane] of source.entries()) {
      const fill = model.text?.fills[i];
      if (fill !== undefined) {
        const token = () => (fill === 'ids' ? Math.floor(random() * vocabulary) : Number(fill === 'attention_mask'));
        for (let at = 0; at < plane.length; at += 1) plane[at] = at === 0 && fill === 'ids' ? vocabulary - 1 : token();
        continue;
      }
      const usual = usualOf(bands[i]!.dataType);
      const mean = LEAST + (MOST - LEAST) * random();
      for (let at = 0; at < plane.length; at += 1) plane[at] = usual * (mean + TEXTURE * (2 * random() - 1));
    }
    put({ planes: source }, batch, chip);
  }
  return batch;
}
