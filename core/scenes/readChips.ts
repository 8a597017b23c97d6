import { InvalidSceneFile } from '../base/errors.ts';
import type { SceneLimits } from '../base/limits.ts';
import type { TimeTold } from '../base/time/acquired.ts';
import { isBlank } from '../measures/blanks/blanks.ts';
import { withMask } from '../measures/blanks/mask.ts';
import { lookAtChips } from '../measures/registry.ts';
import type { Chip, ModelPackage } from '../package/package.ts';
import { begun, type Format, HEAD_BYTES, type SceneStream } from './formats/format.ts';
import { FORMATS, formatOf, whatIsRead } from './formats/formats.ts';
import type { RasterInfo } from './raster/rasterInfo.ts';
import type { Refusal } from './refusals.ts';

/** Takes a chip, which is valid until the next one comes. A returned promise is awaited. */
export type TakeChip = (chip: Chip) => Promise<void> | undefined;

/**
 * The measures of a file's chips, and the chips that could not be read, which the measures omit. `warned` counts the chips
 * that were read with a warning, if any, and `warnings` has the first few of these, each once.
 */
export type FoundChips = Awaited<ReturnType<ReturnType<typeof makeReadChips>>>;

const WARNINGS_KEPT = 5;

/**
 * Makes the function that reads scene files of any format for one model. It reads a file to its end, checks it, hands out
 * the chips that are not blank, and returns the measures of all chips and which chips could not be read.
 * @throws {InvalidSceneFile} from the returned function, when the file can never be read or exceeds the limits
 */
export function makeReadChips(model: ModelPackage, limits: SceneLimits) {
  const readers = new Map<Format, ReturnType<Format['makeReader']>>();

  return async (scene: SceneStream, take: TakeChip, formats: readonly Format[] = FORMATS) => {
    const { key, size } = scene;
    if (size > limits.maxFileBytes)
      throw new InvalidSceneFile(
        `${key}: found ${size} bytes, allowed are at most ${limits.maxFileBytes} in one file. Send it in several files, or deploy with a larger maxFileBytes.`,
      );
    const look = lookAtChips(model);
    let about: { raster?: RasterInfo; times?: readonly TimeTold[] } = {};
    const tell: SceneStream['tell'] = (raster, times) => {
      about = { raster, ...(times && { times }) };
    };
    const refusals: Refusal[] = [];
    const refuse = (refusal: Refusal) => void refusals.push(refusal);
    let [seen, warned] = [0, 0];
    const warnings = new Set<string>();
    const source = scene.chunks[Symbol.asyncIterator]();
    try {
      const { start, chunks } = await begun({ [Symbol.asyncIterator]: () => source }, Math.min(HEAD_BYTES, size));
      const { format, isSure } = formatOf(scene, start.subarray(0, HEAD_BYTES), formats);
      try {
        const reader = readers.get(format) ?? format.makeReader(model, limits);
        readers.set(format, reader);
        for await (const chips of reader({ ...scene, chunks, tell, refuse }))
          for (const read of chips) {
            const chip = withMask(read, model);
            seen += 1;
            if (chip.warnings !== undefined) warned += 1;
            for (const one of chip.warnings ?? []) if (warnings.size < WARNINGS_KEPT) warnings.add(one);
            if (seen > limits.maxChips)
              throw new InvalidSceneFile(
                `${key}: found more than ${limits.maxChips} chips, which is the limit of one file. Send it in several files, or deploy with a larger maxChips.`,
              );
            const nothing = isBlank(chip, model);
            look.at(chip, nothing);
            const taken = nothing ? undefined : take(chip);
            if (taken !== undefined) await taken;
          }
      } catch (error) {
        if (isSure || seen > 0 || !(error instanceof InvalidSceneFile)) throw error;
        throw new InvalidSceneFile(`${error.message}; ${whatIsRead(formats)}`, { cause: error });
      }
    } finally {
      await source.return?.();
    }
    if (seen === 0 && refusals.length > 0)
      throw new InvalidSceneFile(`${key}: none of its ${refusals.length} chips can be read: ${refusals[0]!.message}`);
    return {
      measured: look.sum(),
      ...about,
      ...(refusals.length > 0 && { refusals }),
      ...(warned > 0 && { warned, warnings: [...warnings] }),
    };
  };
}
