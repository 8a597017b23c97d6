import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidSceneFile } from '../errors.ts';
import { MAX_FETCHED_INPUTS } from '../limits.ts';
import { isBlank } from '../measures/blanks/blanks.ts';
import { type FileInput, type Input, idOf, inputName, parseOnlineInput, type UrlInput } from '../requests/input.ts';
import { blankWarning, predictedAnswer } from '../requests/inputAnswer.ts';
import { makeReadInput } from '../requests/inputChip.ts';
import type { Chip } from '../scenes/chip.ts';
import type { Answered } from '../tasks/task.ts';
import type { Batcher, Outcome } from './batcher.ts';
import { EVERY_TASK } from './everyTask.ts';
import type { Given } from './given.ts';
import { assertMasksFit, maskOf, maskPixels } from './mask.ts';

/** The answer for an input: docs/http.md. Its task adds fields. */
export type InputAnswer = Answered & {
  readonly id: string | null;
  readonly warnings: readonly string[];
  readonly error: string | null;
};

export type PredictorOptions = {
  /** Reads an image of the inbox; throws `InvalidSceneFile` for one that must not be read. */
  readFile: (file: FileInput, where: string) => Promise<Uint8Array>;
  /** Reads an image at an address; throws `InvalidSceneFile` if it cannot be fetched. */
  readUrl: (url: string, where: string) => Promise<Uint8Array>;
  /** The largest decoded image in bytes. */
  maxImageBytes: number;
};

/** Decoding yields to other requests after this long: a thousand images in one request take seconds. */
const MOST_AT_ONCE_MILLISECONDS = 10;

export type Predictor = ReturnType<typeof makePredictor>;

/**
 * Makes the predictor of a request's inputs. Every input is read before any is batched, and each can have an error of its
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

  /** Returns an input's error as a value, so that the others are still predicted. */
  async function orError<Found>(find: () => Found | Promise<Found>): Promise<Found | InvalidSceneFile> {
    try {
      return await find();
    } catch (error) {
      if (error instanceof InvalidSceneFile) return error;
      throw error;
    }
  }

  /**
   * Reads the chips of the inputs. Images at addresses are fetched concurrently, because their timeouts run concurrently.
   */
  async function readInputs(inputs: readonly unknown[]): Promise<(Chip | InvalidSceneFile)[]> {
    let fetched = 0;
    const parse = (input: unknown, where: string) => {
      const parsed = parseOnlineInput(input, where);
      if (parsed.kind !== 'url') return parsed;
      fetched += 1;
      if (fetched > MAX_FETCHED_INPUTS)
        throw new InvalidSceneFile(
          `${where}.url: found more than ${MAX_FETCHED_INPUTS} addresses, which is the limit of one request`,
        );
      return parsed;
    };
    const chips: (Chip | InvalidSceneFile | Promise<Chip | InvalidSceneFile>)[] = [];
    let since = performance.now();
    for (const [index, input] of inputs.entries()) {
      if (performance.now() - since > MOST_AT_ONCE_MILLISECONDS) {
        await nextTurn();
        since = performance.now();
      }
      const where = inputName(index);
      const reading = orError(async () => {
        const parsed = parse(input, where);
        return chipOf(parsed, where, index);
      });
      reading.catch(() => {}); // thrown below
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
   * Predicts inputs: returns the answer, and the predictions of those without an error. Throws `Problem` when the answer
   * would be too large, and as the batcher's `predict` does.
   */
  async function predictInputs(inputs: readonly unknown[], seconds: number) {
    assertMasksFit(model, inputs.length);
    const chips = await readInputs(inputs);
    const meant = chips.filter((chip): chip is Chip => !(chip instanceof InvalidSceneFile) && !isBlank(chip, model));
    const outcomes = new Map<unknown, Outcome>();
    for (const [i, outcome] of (await predict(meant, seconds)).entries()) outcomes.set(meant[i], outcome);
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
