import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { type Inference, makeChipBatches } from '../../core/inference/predict.ts';
import { bandsToProfile, MOST_CHIPS, makeProfiler } from '../../core/measures/bands/makeProfile.ts';
import { isBlank } from '../../core/measures/blanks/blanks.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Summed } from '../../core/package/task.ts';
import { isProvisional } from '../../core/package/todo.ts';
import { chipsIn } from '../../core/tasks/registry.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { number } from '../runs/report.ts';
import { checkFile } from '../send/scene.ts';
import { quoted } from '../service/where.ts';
import { WrongUse } from '../terminal/failure.ts';
import { showProgress } from '../terminal/progress.ts';
import { bold, printable } from '../terminal/text.ts';
import { chipsOf } from './classifyExample.ts';
import { readPackage } from './publishModel.ts';
import { inLines } from './sampleOfModel.ts';
import { tryModel } from './tryModel.ts';

type Options = { data: string[]; bands?: string[]; onlyBands?: boolean };

const REFERENCE = 'reference.json';

/** `swath model profile FOLDER --data FILE…`: writes a profile of a package's data and predictions into its reference.json. */
export async function profileModel(folder: string, { data, bands, onlyBands }: Options): Promise<void> {
  for (const file of data) checkFile(file);
  const { model, onnx } = await readPackage(folder);
  const names = refusing(folder, () => bandsToProfile(model, bands));
  if (onlyBands !== true) await tryModel(model, onnx);
  const predictions = onlyBands === true ? undefined : makePredictions(await openModel(model, onnx));
  const profiler = makeProfiler(model, names);
  let seen = 0; // numbered across files, because the number selects the pixels that are sampled
  let current = '';
  {
    using _line = showProgress(() => `${current}: ${number(profiler.chips())} chips so far`);
    for (const file of data) {
      current = basename(file);
      for await (const chip of chipsOf(model, file)) {
        if (isBlank(chip, model)) continue;
        if (seen === MOST_CHIPS)
          throw new WrongUse(
            `${file}: makes more than ${MOST_CHIPS} chips, the most allowed in a profile. Give fewer files, from all seasons and places.`,
          );
        profiler.at({ ...chip, place: { ...chip.place, index: seen } });
        seen += 1;
        await predictions?.take(chip);
      }
    }
  }
  const profile = refusing(folder, () => profiler.profile());
  const path = join(folder, REFERENCE);
  const before = JSON.parse(await readFile(path, 'utf8'));
  const made = await predictions?.reference(isProvisional(before));
  if (made !== undefined) delete before.provisional;
  const after = { ...before, ...made, bands: rounded(profile) };
  await writeFile(path, `${inLines(after)}\n`);
  const what = predictions === undefined ? '' : ', and of what the model predicts for them';
  console.log(
    printable(
      `${bold(REFERENCE)} has a profile of ${names.length} bands of ${number(seen)} chips${what}. A version never changes: if this one is published, give it a new version in item.json. Then: npx swath model check ${quoted(folder)}`,
    ),
  );
}

function refusing<Result>(folder: string, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InvalidModelPackage)) throw error;
    throw new WrongUse(`${folder}: ${error.message}`, { cause: error });
  }
}

/** Rounds to six digits, as runs do, but not the edges of bins: the bin of a value depends on their last digit. */
function rounded(profile: ReturnType<ReturnType<typeof makeProfiler>['profile']>): object {
  const short = ([name, value]: [string, unknown]) => [
    name,
    typeof value === 'number' && name !== 'chips' ? Number(value.toPrecision(6)) : value,
  ];
  return Object.fromEntries(
    Object.entries(profile).map(([band, numbers]) => [band, Object.fromEntries(Object.entries(numbers).map(short))]),
  );
}

function makePredictions(inference: Inference) {
  const { model } = inference;
  const task = model.task;
  let sum: Summed = task.summary.zero(model);
  const values: number[] = [];
  const { take, flush } = makeChipBatches(inference, async (batch, chips) => {
    const { values: found } = await inference.predict(batch, 0, chips);
    sum = task.summary.add(sum, task.summary.of(found, model));
    for (let chip = 0; chip < chips; chip += 1) values.push(task.said.of(found, chip).value ?? Number.NaN);
  });

  return {
    take,
    /** @param isFirst whether the package has no bins yet, so that they are made of the values themselves */
    async reference(isFirst: boolean): Promise<object> {
      await flush();
      if (chipsIn(task, sum) === 0) throw new WrongUse('The model has no finite output for any of the chips.');
      return isFirst && model.classes.length === 0 ? binsOf(values) : task.referenceOf(sum, model as ModelPackage);
    },
  };
}

const BINS = 10;

/** Returns a histogram of bins of one width, from the least value to the greatest. */
function binsOf(values: readonly number[]): object {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((least, one) => Math.min(least, one));
  const high = finite.reduce((most, one) => Math.max(most, one));
  const width = (high - low) / BINS || 1;
  const edges = Array.from({ length: BINS + 1 }, (_, i) => low + i * width);
  const counts = edges.slice(1).map(() => 0);
  for (const one of finite) counts[Math.min(BINS - 1, Math.floor((one - low) / width))]! += 1;
  return { bins: { edges, counts } };
}
