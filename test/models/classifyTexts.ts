import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import { makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { makeReadChips } from '../../core/scenes/readChips.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { classifyPart } from '../../functions/infer/classifyPart.ts';
import { openModel } from '../../local/stack/openModel.ts';

/** What the steps make of a table with these texts, by a package: of each its probabilities, in the classes' order, and its label. */
export async function classifyTexts(folder: string, texts: readonly string[]) {
  const model = await readModelPackage((name) => readFile(join(folder, name)));
  const bytes = Buffer.from(`id,text\n${texts.map((text, i) => `${i},"${text.replaceAll('"', '""')}"\n`).join('')}`);
  const chunks = (async function* () {
    yield bytes;
  })();
  const part = makePartBuilder(model, texts.length);
  const scene = { key: 'texts.csv', size: bytes.length, chunks, range: rangesIn(bytes) };
  await makeReadChips(model, SCENE_LIMITS)(scene, part.add as () => undefined);
  const inference = await openModel(model, readFileSync(join(folder, model.artifact.file)));
  const values = await classifyPart(inference, decodePart(part.take()), async () => {});
  return texts.map((_, row) => ({
    probabilities: model.classes.map(({ value }) => Number(values[`p_${value}`]![row])),
    label: Number(values['label']![row]),
  }));
}

export function softmax(logits: readonly number[]): number[] {
  const powers = logits.map((one) => Math.exp(one));
  const sum = powers.reduce((all, one) => all + one);
  return powers.map((one) => one / sum);
}
