import { InvalidModelPackage, InvalidSceneFile, insteadOf } from '../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../base/limits.ts';
import { isBlank } from '../../measures/blanks/blanks.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { type ReadPackageFile, readStoredSample, SAMPLE_FILE, type Sample } from '../../package/packageFile.ts';
import { parseInput } from './input.ts';
import { makeReadInput } from './inputChip.ts';

/** Null if the package has no sample. Throws `InvalidModelPackage` when it does not fit this model. */
export async function readSample(files: ReadPackageFile, model: ModelPackage): Promise<Sample | null> {
  const stored = await readStoredSample(files);
  return stored && { ...stored, chip: await chipOfSample(stored.input, model) };
}

/** @throws {InvalidModelPackage} when the input is not a chip of this model, or a blank one */
export async function chipOfSample(input: unknown, model: ModelPackage): Promise<Chip> {
  const where = `${SAMPLE_FILE}: input`;
  const read = async () => {
    const parsed = parseInput(input, where);
    if (parsed.kind === 's3')
      throw new InvalidSceneFile(`${where}: found s3, allowed is one of image, bands, values, text, texts`);
    const chip = await makeReadInput(model, MOST_SCENE_LIMITS.maxRecordBytes)(parsed, where, 0);
    if (isBlank(chip, model)) throw new InvalidSceneFile(`${where}: found a blank chip, which is not classified`);
    return chip;
  };
  return read().catch(insteadOf(InvalidSceneFile, (cause) => new InvalidModelPackage(cause.message, { cause })));
}
