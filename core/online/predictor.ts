import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidSceneFile } from '../errors.ts';
import { MAX_FETCHED_INPUTS } from '../limits.ts';
import { isBlank } from '../measures/blanks/blanks.ts';
import { type FileInput, type Input, idOf, inputName, parseOnlineInput, type UrlInput } from '../requests/input.ts';
import { blankWarning, predictedAnswer } from '../requests/inputAnswer.ts';
import { makeReadInput } from '../requests/inputChip.ts';
import type { Chip } from '../scenes/chip.ts';
import type { Answered } from '../tasks/task.ts';
import { type Batcher, type Outcome, TooBusy } from './batcher.ts';
import { EVERY_TASK } from './everyTask.ts';
import type { Given } from './given.ts';
import { assertMasksFit, maskOf, maskPixels } from './mask.ts';
import { nobodyWaits } from './problem.ts';

/** What is answered for an input: docs/http.md. Beside these, what its task has. */
export type InputAnswer = Answered & {
  readonly id: string | null;
  readonly warnings: readonly string[];
  readonly error: string | null;
};

export type PredictorOptions = {
  /** Reads an image of the inbox; throws `InvalidSceneFile` for one that may not be read. */
  readFile: (file: FileInput, where: string) => Promise<Uint8Array>;
  /** Reads an image at an address; throws `InvalidSceneFile` for one that cannot be had. */
  readUrl: (url: string, where: string) => Promise<Uint8Array>;
  /** Of an image as it is decoded. */
  maxImageBytes: number;
};

/** After so long, other requests have their turn: a thousand images in one take seconds to decode. */
const MOST_AT_ONCE_MILLISECONDS = 10;

export type Predictor = ReturnType<typeof makePredictor>;

/**
 * Makes what predicts for the inputs of a request. Each is looked at before any is batched, and has an error of its
 * own.
 */
export function makePredictor({ model, predict }: Pick<Batcher, 'model' | 'predict'>, options: PredictorOptions) {
  const readInput = makeReadInput(model, options.maxImageBytes);
  const hasMask = maskPixels(model) > 0;

  async function chipOf({ id, ...input }: Input | UrlInput, where: string, index: number): Promise<Chip> {
    if (input.kind !== 's3' && input.kind !== 'url') return readInput({ id, ...input }, where, index);
    const bytes =
      input.kind === 's3' ? await options.readFile({ id, ...input }, where) : await options.readUrl(input.url, where);
    const image = Buffer.from(bytes).toString('base64');
    return readInput({ id, kind: 'image', image }, where, index, input.kind);
  }

  /** Answers what is wrong with an input as a value: the others are predicted all the same. */
  async function orError<Found>(find: () => Found | Promise<Found>): Promise<Found | InvalidSceneFile> {
    try {
      return await find();
    } catch (error) {
      if (error instanceof InvalidSceneFile) return error;
      throw error;
    }
  }

  /** The chips of the inputs. Those at addresses are asked for at once, as the time goes by for each of them. */
  async function readInputs(
    inputs: readonly unknown[],
    seconds: number,
    isGone: () => boolean,
  ): Promise<(Chip | InvalidSceneFile)[]> {
    const end = performance.now() + seconds * 1000;
    let fetched = 0;
    const parse = (input: unknown, where: string) => {
      const parsed = parseOnlineInput(input, where);
      if (parsed.kind !== 'url') return parsed;
      fetched += 1;
      if (fetched > MAX_FETCHED_INPUTS)
        throw new InvalidSceneFile(
          `${where}.url: found more than ${MAX_FETCHED_INPUTS} addresses, allowed are at most so many in one request`,
        );
      return parsed;
    };
    const chips: (Chip | InvalidSceneFile | Promise<Chip | InvalidSceneFile>)[] = [];
    let since = performance.now();
    for (const [index, input] of inputs.entries()) {
      if (performance.now() - since > MOST_AT_ONCE_MILLISECONDS) {
        await nextTurn();
        since = performance.now();
        if (isGone()) throw nobodyWaits();
        if (since > end)
          throw new TooBusy(
            `${index} of its ${inputs.length} inputs were read within ${seconds} s. Try again, with fewer or smaller ones.`,
          );
      }
      const where = inputName(index);
      const reading = orError(async () => {
        const parsed = parse(input, where);
        return chipOf(parsed, where, index);
      });
      reading.catch(() => {}); // it is thrown below
      chips.push(Object(input).url === undefined ? await reading : reading);
    }
    return Promise.all(chips);
  }

  function answerOf(input: unknown, chip: Chip | InvalidSceneFile, outcome: Outcome | undefined): InputAnswer {
    const about = { id: idOf(input), ...EVERY_TASK, warnings: [] as readonly string[] };
    if (chip instanceof InvalidSceneFile) return { ...about, error: chip.message };
    about.warnings = chip.warnings ?? [];
    if (outcome === undefined) return { ...about, warnings: [...about.warnings, blankWarning(model)], error: null };
    if ('error' in outcome) return { ...about, error: `The model failed on it: ${outcome.error.message}` };
    const mask = hasMask && { mask: maskOf(model, outcome.planes ?? []) };
    return { ...about, ...predictedAnswer(outcome.values, outcome.at, model), ...mask };
  }

  /**
   * What is answered for inputs, and what was predicted for those of them that have no error. Throws `Problem` where the answer
   * would be too large, and `TooBusy` as `predict` of the batcher does, or where the inputs were not read within `seconds`.
   */
  async function predictInputs(inputs: readonly unknown[], seconds: number, isGone: () => boolean = () => false) {
    assertMasksFit(model, inputs.length);
    const started = performance.now();
    const chips = await readInputs(inputs, seconds, isGone);
    const left = seconds - Math.floor((performance.now() - started) / 1000);
    const meant = chips.filter((chip): chip is Chip => !(chip instanceof InvalidSceneFile) && !isBlank(chip, model));
    const outcomes = new Map<unknown, Outcome>();
    for (const [i, outcome] of (await predict(meant, left, isGone)).entries()) outcomes.set(meant[i], outcome);
    const answers = inputs.map((input, index) => answerOf(input, chips[index]!, outcomes.get(chips[index])));
    const given = inputs.flatMap((input, place): Given[] => {
      const [chip, outcome] = [chips[place]!, outcomes.get(chips[place])];
      if (chip instanceof InvalidSceneFile || (outcome !== undefined && 'error' in outcome)) return [];
      return [{ place, id: idOf(input), input, chip, prediction: outcome ?? null }];
    });
    return { answers, given };
  }

  return { model, predictInputs, predictChips: predict };
}
