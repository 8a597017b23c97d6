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
import { anotherTurn, inTurn, isTurnOver } from './turns.ts';

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

export type Predictor = ReturnType<typeof makePredictor>;

/**
 * Makes the predictor of a request's inputs. Every input is read before any is batched, and each can have an error of its
 * own.
 */
export function makePredictor({ model, predict }: Pick<Batcher, 'model' | 'predict'>, options: PredictorOptions) {
  const readInput = makeReadInput(model, options.maxImageBytes);
  const hasMask = maskPixels(model) > 0;

  /** @param assertWanted throws where nobody waits for the chip any more: images are decoded one after the other, whoever sent them */
  async function chipOf(
    { id, ...input }: Input | UrlInput,
    where: string,
    index: number,
    assertWanted: () => void,
  ): Promise<Chip> {
    const decoded = (image: string, member?: string) =>
      inTurn(async () => {
        assertWanted();
        return readInput({ id, kind: 'image', image }, where, index, member);
      });
    if (input.kind === 'image') return decoded(input.image);
    if (input.kind !== 's3' && input.kind !== 'url') return readInput({ id, ...input }, where, index);
    const bytes =
      input.kind === 's3' ? await options.readFile({ id, ...input }, where) : await options.readUrl(input.url, where);
    return decoded(Buffer.from(bytes).toString('base64'), input.kind);
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
          `${where}.url: found more than ${MAX_FETCHED_INPUTS} addresses, which is the limit of one request`,
        );
      return parsed;
    };
    const chips: (Chip | InvalidSceneFile | Promise<Chip | InvalidSceneFile>)[] = [];
    let read = 0;
    const assertWanted = () => {
      if (isGone()) throw nobodyWaits();
      if (performance.now() > end)
        throw new TooBusy(
          `${read} of its ${inputs.length} inputs were read within ${seconds} s. Try again, with fewer or smaller ones.`,
        );
    };
    for (const [index, input] of inputs.entries()) {
      if (isTurnOver()) {
        await anotherTurn();
        assertWanted();
      }
      const where = inputName(index);
      const reading = orError(async () => {
        const parsed = parse(input, where);
        return chipOf(parsed, where, index, assertWanted);
      });
      reading.catch(() => {}); // thrown below
      chips.push(Object(input).url === undefined ? await reading : reading);
      read += 1;
    }
    return Promise.all(chips);
  }

  function answerOf(input: unknown, chip: Chip | InvalidSceneFile, outcome: Outcome | undefined): InputAnswer {
    const about = { id: idOf(input), ...EVERY_TASK, warnings: [] as readonly string[] };
    if (chip instanceof InvalidSceneFile) return { ...about, error: chip.message };
    about.warnings = chip.warnings ?? [];
    if (outcome === undefined) return { ...about, warnings: [...about.warnings, blankWarning(model)], error: null };
    if ('error' in outcome) return { ...about, error: `The model failed on it: ${outcome.error.message}` };
    const mask = hasMask && { mask: maskOf(model, outcome.planes ?? [], chip) };
    return { ...about, ...predictedAnswer(outcome.values, outcome.at, model), ...mask };
  }

  /**
   * Predicts inputs: returns the answer, and the predictions of those without an error. Throws `Problem` when the answer
   * would be too large, and `TooBusy` as the batcher's `predict` does, or when the inputs are not read within `seconds`.
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
