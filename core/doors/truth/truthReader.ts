import { attempt, InvalidMessage, InvalidSceneFile, insteadOf } from '../../base/errors.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { TruthSaid, TruthValue } from '../../package/task.ts';
import { makeReadTruth } from '../../scenes/table/truth.ts';
import { BETWEEN, NO_LABEL, namesIn, readLabels } from '../../tasks/multilabel/labelTruths.ts';
import { chipInWords, type Truth } from './truth.ts';

/** Reads late truths in the form of the model's own files. Throws `InvalidMessage` for maps, and later for invalid truths. */
export function truthReader(model: ModelPackage): (truth: Truth) => TruthValue {
  const { labels, truthLater } = model.task;
  const of = `${model.name} ${model.version}`;
  if (truthLater?.isOfPixels)
    throw new InvalidMessage(
      `The truth of chips that ${of} has predicted is a mask: found a word, allowed is the path of a GeoTIFF in a table for "swath truth", which reads it where it lies.`,
    );
  const read = labels === undefined ? readerOfOne(model) : readLabels(model);
  const refused = insteadOf(InvalidSceneFile, (cause) => new InvalidMessage(`${cause.message}.`, { cause }));
  return ({ says, chip, where }) =>
    attempt(() => read(says, () => `${where}: the truth of ${chipInWords(chip)} for ${of}`), refused);
}

/** Returns a chip's truth in the words that `swath truth` takes: the value of its class, a number, or labels. */
export const truthText = (truth: TruthValue, { labels }: Pick<ModelPackage['task'], 'labels'>): string =>
  labels === undefined ? String(truth) : namesIn(String(truth)).join(BETWEEN) || NO_LABEL;

/** For tasks with one class or number per chip: rejects lists. */
function readerOfOne(model: ModelPackage) {
  const read = makeReadTruth(model);
  return (says: TruthSaid, where: () => string): TruthValue => {
    if (typeof says !== 'object') return read(says, where)!;
    const { words } = model.task.truth.allowed(model);
    throw new InvalidSceneFile(`${where()}: found a list of ${says.length}, allowed is ${words}`);
  };
}
