import { SCENE_LIMITS } from '../core/base/limits.ts';
import { isBlank } from '../core/measures/blanks/blanks.ts';
import { type ModelPackage, storedPlace } from '../core/package/package.ts';
import { tfrecord } from '../core/scenes/formats/tfrecord/format.ts';
import { inOneChunk, rangesIn } from '../core/scenes/rangesIn.ts';
import { darkened, unlabelled } from './changedFrame.ts';
import { type Draw, keyOf, type PlannedDay, type PlannedScene } from './plan.ts';
import { type Random, sfc32 } from './sfc32.ts';

/** The feature of the bundled shard that holds the truth. */
const TRUTH = 'label';

export type Sample<Chip> = {
  /** The chips of each label, in the order of the model's classes. */
  ofClass: readonly (readonly Chip[])[];
  /** Those on which there is nothing, whatever their label. */
  blank: readonly Chip[];
};

/**
 * Sorts the records of a TFRecord file, each with its length and checksums, by what the package says of them. Throws
 * InvalidSceneFile for a record that it does not describe, RangeError for a class without chips, or no blank chip.
 */
export async function readSample(file: string, bytes: Uint8Array, model: ModelPackage): Promise<Sample<Uint8Array>> {
  const scene = { key: file, size: bytes.length, chunks: inOneChunk(bytes), range: rangesIn(bytes) };
  const ofClass = new Map(model.classes.map(({ value }): [number | null, Uint8Array[]] => [value, []]));
  const blank: Uint8Array[] = [];
  for await (const chips of tfrecord.makeReader(model, SCENE_LIMITS)(scene))
    for (const { place, planes, truth } of chips) {
      const { offset, length } = storedPlace(place);
      (isBlank({ planes }, model) ? blank : ofClass.get(truth))?.push(bytes.subarray(offset, offset + length));
    }
  const none = (what: string) =>
    new RangeError(`${file} has no ${what}, so none can be drawn for ${model.name} ${model.version}.`);
  for (const { name, value } of model.classes)
    if (ofClass.get(value)!.length === 0) throw none(`chip of the class ${name}`);
  if (blank.length === 0) throw none('blank chip');
  return { ofClass: [...ofClass.values()], blank };
}

/** Draws chips with replacement, each one's label by the mix, and then any chip of that label. */
export function drawChips<Chip>({ ofClass, blank }: Sample<Chip>, { chips, mix, blankShare }: Draw, random: Random) {
  const anyOf = (all: readonly Chip[]): Chip => all[Math.floor(random() * all.length)]!;
  return Array.from({ length: chips }, () => anyOf(random() < blankShare ? blank : ofClass[classBy(mix, random())]!));
}

export const randomOf = (seed: number, { number }: PlannedDay, { stream }: PlannedScene) => sfc32(seed, number, stream);

/** A planned scene file, byte by byte the same for the same seed. */
export function buildSceneFile(sample: Sample<Uint8Array>, seed: number, day: PlannedDay, scene: PlannedScene) {
  const { draw, dark, isLabelled } = scene;
  const drawn = drawChips(sample, draw, randomOf(seed, day, scene));
  const seen = dark === null ? drawn : drawn.map((frame) => darkened(frame, dark));
  const bytes = Buffer.concat(isLabelled ? seen : seen.map((frame) => unlabelled(frame, TRUTH)));
  if (scene.isDamaged) bytes[bytes.length >> 1]! ^= 0xff;
  return { key: keyOf(seed, day, scene), bytes };
}

/** The class that a number from 0 to below 1 falls to, where each has its share of that way. */
function classBy(mix: Draw['mix'], point: number): number {
  let end = 0;
  const found = mix.findIndex((share) => {
    end += share;
    return point < end;
  });
  return found === -1 ? mix.findLastIndex((share) => share > 0) : found; // where the shares' sum was rounded below 1
}
