import { inTime } from '../../base/concurrency/inTime.ts';
import { keepPromise } from '../../base/concurrency/keepPromise.ts';
import { InvalidModelPackage, InvalidSceneFile, insteadOf, ObjectNotFound, ObjectTooLarge } from '../../base/errors.ts';
import { MAX_FETCHED_INPUTS, MAX_SERVED_MODELS } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { FeatureSource } from '../../features/contract.ts';
import { readArtifact } from '../../inference/artifact.ts';
import { shortestFirst } from '../../inference/feed.ts';
import type { Tensors } from '../../inference/runtime.ts';
import { isBlank } from '../../measures/blanks/blanks.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import type { Answered } from '../../package/task.ts';
import type { Models } from '../../releases/contract.ts';
import type { FileInput, Input, UrlInput } from '../requests/input.ts';
import { idOf, inputName, parseOnlineInput, withoutFound } from '../requests/input.ts';
import { type AboutInput, blankWarning, EVERY_TASK, predictedAnswer, recordsOf } from '../requests/inputAnswer.ts';
import { makeReadInput } from '../requests/inputChip.ts';
import { type Batched, type Batcher, makeBatcher, type Outcome } from './batcher.ts';
import { RawInput, SMALL_BYTES } from './bodyInputs.ts';
import { type Engine, notLoaded } from './engine.ts';
import type { Given } from './given.ts';
import { type Held, makeHeld } from './held.ts';
import { modelFailed, nobodyWaits, Problem, TooBusy } from './http.ts';
import type { InputRead, ReadApart } from './inputReader.ts';
import { asInvalid, imageIn, isSmallImage, makeInputReader, parsedPart } from './inputReader.ts';
import { assertMasksFit, maskOf, maskPixels } from './mask.ts';
import { anotherTurn, inTurn, isTurnOver } from './turns.ts';

type Parsed = Input | UrlInput;
type ReadHere = Extract<Parsed, { kind: 'values' | 'bands' | 'texts' | 'features' }>;
const isRead = (input: Parsed): input is ReadHere => !['image', 's3', 'url'].includes(input.kind);
type Reading = { where: string; index: number; assertWanted: () => void; parse: typeof parseOnlineInput };

/** The answer for an input: docs/http.md. Its task adds fields. */
export type InputAnswer = Answered & AboutInput;

const isJson = (input: unknown): input is RawInput => input instanceof RawInput && input.kind === 'json';

export type PredictorOptions = {
  /** Reads an image of the inbox; throws `InvalidSceneFile` for one that must not be read. */
  readFile: (file: FileInput, where: string) => Promise<Uint8Array>;
  /** Reads an image at an address; throws `InvalidSceneFile` if it cannot be fetched. */
  readUrl: (url: string, where: string) => Promise<Uint8Array>;
  /** Where inputs that name records find these; if absent, such inputs are refused. */
  features?: FeatureSource | undefined;
  maxImageBytes: number;
  /** Reads large inputs on another thread; if absent, all are read on this one. */
  readApart?: ((model: ModelPackage) => ReadApart) | undefined;
};

/** How much memory the chips of all requests may take, and of one. */
type ChipRoom = { held: Held; mostBytes: number };
const NO_BOUND: ChipRoom = { held: makeHeld(Number.POSITIVE_INFINITY, ''), mostBytes: Number.POSITIVE_INFINITY };

export type Predictor = ReturnType<typeof makePredictor>;

/** Every input is read before any is batched, and each can have an error of its own. */
export function makePredictor(
  { model, predict }: Pick<Batcher, 'model' | 'predict'>,
  options: PredictorOptions,
  { held, mostBytes }: ChipRoom = NO_BOUND,
) {
  const apart = model.text === undefined ? options.readApart?.(model) : undefined;
  const reader = makeInputReader(model, options.maxImageBytes);
  const readInput = makeReadInput(model, options.maxImageBytes);
  const hasMask = maskPixels(model) > 0;

  /** @param assertWanted throws where nobody waits for the chip any more: images are decoded one after the other, whoever sent them */
  async function readOne(input: unknown, { where, index, assertWanted, parse }: Reading): Promise<InputRead> {
    if (apart && isJson(input)) return apart({ json: input.bytes, where, index }, assertWanted);
    const id = idOf(input);
    try {
      const parsed: Parsed =
        input instanceof RawInput ? { id, kind: 'image', image: input.bytes } : parse(input, where);
      if (isRead(parsed)) return { id, digest: null, chip: await readInput(parsed, where, index) };
      const job = { id, image: await imageOf(parsed, where), where, index, member: parsed.kind };
      if (apart && !isSmallImage(job.image)) return await apart(job, assertWanted);
      return await inTurn(async () => {
        assertWanted();
        return reader(job);
      });
    } catch (error) {
      return { id, digest: null, chip: asInvalid(error) };
    }
  }

  async function imageOf(input: Exclude<Parsed, ReadHere>, where: string): Promise<Uint8Array> {
    if (input.kind === 'image') return imageIn(input, where);
    return input.kind === 's3' ? options.readFile(input, where) : options.readUrl(input.url, where);
  }

  /** Reads the inputs' chips. Images at addresses are fetched concurrently, because their timeouts run concurrently. */
  async function readInputs(inputs: readonly unknown[], seconds: number, isGone: () => boolean): Promise<InputRead[]> {
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
    const all: (InputRead | Promise<InputRead>)[] = [];
    let read = 0;
    const assertWanted = () => {
      if (isGone()) throw nobodyWaits();
      if (performance.now() > end)
        throw new TooBusy(
          `${read} of its ${inputs.length} inputs were read within ${seconds} s. Try again, with fewer or smaller ones.`,
          'timeout',
        );
    };
    for (const [index, raw] of inputs.entries()) {
      if (isTurnOver()) {
        await anotherTurn();
        assertWanted();
      }
      const where = inputName(index);
      const input = isJson(raw) && !(apart && raw.bytes.length > SMALL_BYTES) ? parsedPart(raw.bytes, where) : raw;
      const reading = readOne(input, { where, index, assertWanted, parse });
      reading.catch(() => {}); // thrown below
      all.push(Object(input).url === undefined ? await reading : reading);
      read += 1;
    }
    return Promise.all(all);
  }

  const tooLate = () =>
    Promise.reject(new TooBusy('The features were not found in time. Try again in a moment.', 'timeout'));

  /** Looks up records together, in inputs of the size that such have. */
  async function lookedUp(inputs: readonly unknown[]): Promise<readonly unknown[]> {
    const parsed = inputs.map((input, index) =>
      model.features && isJson(input) && input.bytes.length <= SMALL_BYTES
        ? parsedPart(input.bytes, inputName(index))
        : input,
    );
    if (!parsed.some(withoutFound)) return inputs;
    const unavailable = (cause: unknown): never => {
      throw new TooBusy('The source of features does not answer. Try again in a moment.', 'unavailable', cause);
    };
    const { makeLookUp } = await import('../requests/lookUp.ts');
    return makeLookUp(options.features, () => new Date())(parsed, model).catch(unavailable);
  }

  function answerOf({ id, chip }: InputRead, outcome: Outcome | undefined): InputAnswer {
    const { features = [] }: Pick<Chip, 'features'> = chip instanceof InvalidSceneFile ? {} : chip;
    const about = { id, ...recordsOf([features[0], features[3]]), ...EVERY_TASK, warnings: [] as readonly string[] };
    if (chip instanceof InvalidSceneFile) return { ...about, error: chip.message };
    about.warnings = chip.warnings ?? [];
    if (outcome === undefined) return { ...about, warnings: [...about.warnings, blankWarning(model)], error: null };
    if ('error' in outcome) return { ...about, error: `The model failed on it: ${outcome.error.message}` };
    const mask = hasMask && { mask: maskOf(model, outcome.planes ?? [], chip) };
    return { ...about, ...predictedAnswer(outcome.values, outcome.at, model), ...mask };
  }

  /** Throws `Problem` if the answer would be too large, and `TooBusy` if inputs are not read or predicted in time. */
  async function predictInputs(inputs: readonly unknown[], seconds: number, isGone: () => boolean = () => false) {
    assertMasksFit(model, inputs.length);
    return holding(inputs.length, async () => {
      const started = performance.now();
      const reads = await readInputs(await inTime(lookedUp(inputs), seconds, tooLate), seconds, isGone);
      const left = seconds - Math.floor((performance.now() - started) / 1000);
      const chips = reads.map(({ chip }) => chip);
      const outcomes = await outcomesOf(chips, left, isGone);
      const answers = reads.map((read, i) => answerOf(read, outcomes[i]));
      const given = reads.flatMap(({ id, digest, chip }, place): Given[] => {
        const outcome = outcomes[place];
        if (chip instanceof InvalidSceneFile || (outcome !== undefined && 'error' in outcome)) return [];
        return [{ place, id, digest, chip, prediction: outcome ?? null }];
      });
      return { answers, given };
    });
  }

  /** Predicts chips that are read already; the outcome of a blank one is undefined. Throws as `predictInputs` does. */
  const predictRead = (chips: readonly Chip[], seconds: number, isGone: () => boolean = () => false) =>
    holding(chips.length, () => outcomesOf(chips, seconds, isGone));

  /** Has room for so many chips while work is done on them. */
  async function holding<Result>(chips: number, work: () => Promise<Result>): Promise<Result> {
    const bytes = model.source.bands.reduce((sum, { bytesPerChip }) => sum + chips * bytesPerChip, 0);
    if (bytes > mostBytes)
      throw new Problem(
        413,
        `The chips of ${chips} inputs take ${bytes} bytes, allowed are at most ${mostBytes} in one request. Send fewer inputs.`,
      );
    using own = held();
    own.hold(bytes);
    return await work();
  }

  async function outcomesOf(chips: readonly InputRead['chip'][], seconds: number, isGone: () => boolean) {
    const meant = shortestFirst(
      model,
      chips.filter((chip): chip is Chip => !(chip instanceof InvalidSceneFile) && !isBlank(chip, model)),
    );
    const found = await predict(meant, seconds, isGone);
    const [first] = found;
    // A status of 500 is what alarms count; they do not see the errors of single inputs, which may be their sender's fault.
    if (first && 'error' in first && found.every((one) => 'error' in one)) {
      if (first.error.name === 'EndpointUnavailable')
        throw new TooBusy('The server that the model runs on does not answer. Try again in a moment.', 'unavailable');
      throw modelFailed('every valid input', first.error);
    }
    const outcomes = new Map<unknown, Outcome>(found.map((outcome, i) => [meant[i], outcome]));
    return chips.map((chip) => outcomes.get(chip));
  }

  return { model, predictInputs, predictRead, predictChips: predict };
}

export type PredictorsPorts = PredictorOptions & {
  /** The largest batch, in chips; smaller if the model takes fewer. */
  maxBatch: number;
  models: Pick<Models, 'load' | 'fileOf'>;
  engines: (model: ModelPackage, bytes: Uint8Array) => Promise<readonly Engine[]>;
  onBatch?: (model: ModelRef, batch: Batched) => void;
  /** The most bytes that the chips of all requests may take together. */
  maxWaitingBytes: number;
};

/** The most models that may be live, plus one for a version that is called while another is promoted. */
const KEPT = MAX_SERVED_MODELS + 1;

export function makePredictors({ models, engines, onBatch, ...options }: PredictorsPorts, most = KEPT) {
  const room = { held: makeHeld(options.maxWaitingBytes, 'chips'), mostBytes: options.maxWaitingBytes };
  const make = async (ref: ModelRef) => {
    const model = await models.load(ref);
    const opening = readArtifact(models.fileOf(ref), model).then((bytes) => engines(model, bytes));
    const unusable = [InvalidModelPackage, ObjectNotFound, ObjectTooLarge];
    const running = await opening.catch(insteadOf(unusable, (error) => notLoaded(ref, error)));
    const batcher = makeBatcher(model, running, options, (batch) => onBatch?.(ref, batch));
    const runTensors = async (tensors: Tensors, seconds: number, isGone?: () => boolean): Promise<Tensors> => {
      using own = await batcher.ownEngine(seconds, isGone);
      return await own.engine.runTensors!(tensors);
    };
    return { predictor: { ...makePredictor(batcher, options, room), runTensors }, running };
  };
  const made = keepPromise(make, most, ({ running }) => {
    for (const { close } of running) close?.();
  });
  return async (ref: ModelRef) => (await made(ref)).predictor;
}
