import { inOrder } from '../../base/concurrency/inOrder.ts';
import { InvalidMessage, ObjectNotFound, onError, TransientTrouble } from '../../base/errors.ts';
import { masksKey, truthKey } from '../../base/keys.ts';
import { type ModelRef, modelId, sceneId } from '../../base/messages.ts';
import type { ReadObject, VersionedObjects } from '../../base/objectStore.ts';
import { monthAcquired } from '../../base/time/acquired.ts';
import type { Ledger } from '../../ledger/contract.ts';
import type { DueDays } from '../../ledger/dueDays.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { isMasked } from '../../measures/blanks/mask.ts';
import { MASKED } from '../../package/carry.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { ChipTruth, TruthValue } from '../../package/task.ts';
import type { Models } from '../../releases/contract.ts';
import { segmentSums } from '../../results/chipSegments.ts';
import { encodePieces, packedPieces } from '../../results/maps/pieces.ts';
import { type Predictions, picked, counted as thatCount } from '../../results/predictionColumns.ts';
import { numberIn } from '../../scenes/numberIn.ts';
import { inRow, ofRow, toldColumn } from '../../tasks/registry.ts';
import { withTruths } from '../../tasks/sums.ts';
import { inputName } from '../requests/input.ts';
import { makeReadPredictions, predictionsOf } from '../requests/readFound.ts';
import { type FindRunsPorts, type FoundRuns, makeFindRuns, sourceOf } from './findRuns.ts';
import type { ChipWindows, MakeReadMask } from './maskReader.ts';
import * as toldTruths from './toldTruths.ts';
import { chipInWords, contradiction, type NamedChip, type Truth } from './truth.ts';
import { truthReader, truthText } from './truthReader.ts';

export type TruthPorts = FindRunsPorts & {
  ledger: Pick<Ledger, 'rowsOf' | 'tellTruth'> & Pick<DueDays, 'markDue'>;
  models: Pick<Models, 'load'>;
  readResult: ReadObject;
  objects: Pick<VersionedObjects, 'readVersion' | 'replaceVersion'>;
  now: () => Date;
  /** Reads masks, for callers that have the files; if absent, masks are rejected. */
  readMask?: MakeReadMask;
};

/** A truth for a chip without a prediction, as far as is known. */
export type Unknown = { readonly truth: Truth; readonly why: string; readonly isOnItsWay: boolean };

/** The outcome of joining truths; each that is not unknown counts once per run that has predicted its chip. */
export type Joined = Awaited<ReturnType<ReturnType<typeof makeTellTruths>>>;

/** Scenes and requests that are looked up concurrently, and runs whose predictions are read. */
const LOOKED_FOR_AT_ONCE = 16;
const READ_AT_ONCE = 4;
/** How often a write is attempted while others write, before it is left to a retry. */
const MOST_TRIES = 20;

type Candidate = { readonly row: LedgerRow; readonly truths: Truth[] };
/** Where the chip of a truth lies in its scene, for which version it was looked up first, and the class of each number that it states: others may differ in both. */
type Matched = Map<Truth, { place: string | undefined; by: string; classes: Map<number, [name: string, by: string]> }>;
type Checked = Pick<Candidate, 'row'> & { readonly model: ModelPackage; readonly told: readonly toldTruths.Told[] };

/**
 * Joins truths to predictions. Each run has an object with the current truth of each chip, and its ledger row counts what
 * that object says, so all that counts runs sees it: windows, days, reports, alarms. Repeating a truth changes nothing.
 *
 *   find the runs ── check all truths ── for each run: its object ── mark its day ── its row
 *
 * Nothing is written unless everything is valid: an invalid truth, or two for one chip, reject the whole message.
 */
export function makeTellTruths(ports: TruthPorts) {
  const { ledger, models, objects, readResult, readMask } = ports;
  /**
   * @param model whose predictions are meant: a name, or one version's `NAME/VERSION`; null for every model that has predicted the chip
   * @throws {InvalidMessage} with where it stands, what was found and what is allowed
   */
  return async (truths: readonly Truth[], model: string | null) => {
    const findRuns = makeFindRuns(ports); // what it has read of the ledger counts for these truths only
    const sources = [...Map.groupBy(truths, ({ chip }) => sourceOf(chip)).values()];
    const lookUp = async (group: Truth[]) => ({ group, found: await findRuns(group[0]!.chip, model) });
    const candidates = new Map<string, Candidate>();
    const lookedUp: { group: Truth[]; found: FoundRuns }[] = [];
    for await (const source of inOrder(sources, LOOKED_FOR_AT_ONCE, lookUp)) {
      lookedUp.push(source);
      for (const row of source.found.rows) {
        const known = candidates.get(row.run) ?? { row, truths: [] };
        candidates.set(row.run, known);
        for (const truth of source.group) known.truths.push(truth);
      }
    }

    const matched: Matched = new Map();
    const gone = new Set<string>();
    const check = (of: Candidate, chips: RunChips) => checkRun(of, chips, matched);
    const runs = eachRun([...candidates.values()], check, ({ row }) => gone.add(row.run) && null);
    const checked = (await Array.fromAsync(runs)).filter(({ told }) => told.length > 0);

    const sums: toldTruths.TruthCounts = { joined: 0, corrected: 0, known: 0 };
    const days = new Map<string, { day: string; model: ModelRef }>();
    for await (const { row, counts } of eachRun(checked, tellRun)) {
      for (const name of ['joined', 'corrected', 'known'] as const) sums[name] += counts[name];
      if (counts.joined + counts.corrected > 0)
        days.set(`${row.day} ${modelId(row.model)}`, { day: row.day!, model: row.model });
    }

    const unknown = lookedUp.flatMap(({ group, found }): Unknown[] =>
      group.filter((truth) => !matched.has(truth)).map((truth) => ({ truth, ...reasonOf(found, gone) })),
    );
    return { ...sums, unknown, runs: checked.length, days: [...days.values()] };
  };

  /** Processes the chips of each run; runs in the same predictions file are read together. */
  async function* eachRun<Of extends Pick<Candidate, 'row'>, Result>(
    runs: readonly Of[],
    work: (run: Of, chips: RunChips) => Promise<Result>,
    onGone?: (run: Of) => null,
  ): AsyncGenerator<Result> {
    const together = Map.groupBy(runs, ({ row }) => row.batch ?? row.run);
    const all = inOrder(together.values(), READ_AT_ONCE, async (some) => {
      const readPredictions = makeReadPredictions(readResult);
      return Array.fromAsync(some, async (run) => {
        const model = await models.load(run.row.model);
        const reading = predictionsOf(readPredictions, run.row, model);
        const predictions = await (onGone ? reading.catch(onError(ObjectNotFound, () => onGone(run))) : reading);
        return work(run, chipsOf(predictions, model));
      });
    });
    for await (const some of all) yield* some;
  }

  async function checkRun({ row, truths }: Candidate, chips: RunChips, matched: Matched): Promise<Checked> {
    const model = await models.load(row.model);
    const isOfMasks = readMask && model.task.truthLater?.isOfPixels;
    const windows = chips.windows();
    const { read, close } = isOfMasks ? readMask(row, model, windows) : plainReader(model);
    try {
      const told = new Map<number, toldTruths.Told & { from: Truth }>();
      for (const one of truths) {
        const index = chips.find(one.chip, row);
        if (index === undefined) continue;
        const place = JSON.stringify(windows.get(index));
        const by = modelId(row.model);
        const other = matched.get(one) ?? { place, by, classes: new Map() };
        matched.set(one, other);
        if (other.place !== place)
          throw new InvalidMessage(
            `${one.where}: ${chipInWords(one.chip)} is other ground for ${other.by} than for ${by}, allowed is the truth of one of them: "swath truth --model ${by}".`,
          );
        const isChosen = one.sample === 'least-certain';
        const found = await read(one, index);
        if (found === null) continue; // what is known of the chip stays
        for (const [value, name] of classesIn(one, found.truth, model)) {
          const [first, firstBy] = other.classes.get(value) ?? [name, by];
          other.classes.set(value, [first, firstBy]);
          if (first !== name)
            throw new InvalidMessage(
              `${one.where}: the truth ${value} of ${chipInWords(one.chip)} is ${first} for ${firstBy} and ${name} for ${by}, allowed is ${isOfMasks ? '' : 'the name of its class, or '}the truth of one of them: "swath truth --model ${by}".`,
            );
        }
        const seed = one.sample?.startsWith('random-') ? Number(one.sample.slice('random-'.length)) : null;
        const said = { index, ...found, at: one.at, isChosen, seed, from: one };
        const former = told.get(index);
        if (former !== undefined && former.at === said.at && former.truth !== said.truth)
          throw contradiction(one, former.from);
        told.set(index, former === undefined ? said : toldTruths.laterOf(said, former, ports.now()));
      }
      return { row, model, told: [...told.values()].map(({ from: _, ...said }) => said) };
    } finally {
      await close();
    }
  }

  type Bytes = Uint8Array | null;
  /** Writes what becomes of an object, unless it stays as it is (null); returns what is told beside. */
  async function replace<Result>(key: string, become: (found: Bytes) => Promise<readonly [Bytes, Result]>) {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const found = await objects.readVersion(key);
      const [bytes, result] = await become(found?.bytes ?? null);
      if (bytes === null || (await objects.replaceVersion(key, bytes, found?.version ?? null)) !== null) return result;
    }
    throw new TransientTrouble(`${key} was written by others each time.`);
  }

  /** Keeps masks before their truths count, so that whoever learns from these finds them. */
  async function keepMasks(key: string, told: readonly toldTruths.Told[]): Promise<void> {
    const masks = told.flatMap(({ mask, index, truth, at }) =>
      mask ? { ...mask, told: { index, truth: String(truth), at } } : [],
    );
    if (masks.length > 0)
      await replace(key, async (found) => {
        const all = [...(found ? packedPieces(found) : []), ...masks];
        const ofEach = Map.groupBy(all, ({ told }) => told!.index).values(); // of two tellers, the later one's, as in the table
        const last = Array.from(ofEach, (some) =>
          some.reduce((a, b) => (toldTruths.isLater(b.told!, a.told!, ports.now()) ? b : a)),
        );
        return [encodePieces(last.toSorted((a, b) => a.y - b.y || a.x - b.x)), undefined];
      });
  }

  async function tellRun({ row, model, told }: Checked, chips: RunChips) {
    const { run: id, scene, day = '' } = row;
    const of = { id, model: row.model, day };
    const key = truthKey(of);
    const counts = await replace(key, async (found) => {
      const before: toldTruths.ToldTruths = found === null ? new Map() : await toldTruths.decodeTold(found);
      const { truths, isChanged, counts } = toldTruths.merged(before, told, ports.now());
      if (!isChanged) return [null, counts];
      await keepMasks(masksKey(of), [...truths.values()]);
      const about = { run: id, scene: scene.key, column: toldColumn(model.task).name };
      return [await toldTruths.encodeTold(about, truths, chips.told), counts];
    });
    await count();
    return { row, counts };

    /** Reads the row before the object, so that the final counts are never older than the ones before. */
    async function count(): Promise<void> {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const current = (await ledger.rowsOf([scene], row.model)).get(sceneId(scene));
        const found = await objects.readVersion(key);
        if (current?.state !== 'DONE' || found === null)
          throw new TransientTrouble(`The run ${id} is no longer as it was when its predictions were read.`);
        if (current.told === found.version) return;
        const truths = await toldTruths.decodeTold(found.bytes);
        const sum = withTruths(
          ofRow({ summary: current.summary! }),
          chips.compared(truths),
          model.task.countTruths(model),
        );
        const counts = inRow({ ...sum, ...chips.segments(truths) }, model, monthAcquired(current));
        // Before it counts, so that a counted truth always leads to a new revision of its day.
        await ledger.markDue({ day, mark: MARK, at: ports.now().toISOString() });
        if (await ledger.tellTruth(current, counts, found.version)) return;
      }
      throw new TransientTrouble(`The row of the run ${id} was written by others each time.`);
    }
  }
}

const MARK = 'truth';

function reasonOf({ rows: [row], why, isOnItsWay }: FoundRuns, gone: ReadonlySet<string>): Omit<Unknown, 'truth'> {
  if (row === undefined) return { why, isOnItsWay };
  if (gone.has(row.run)) return { why: `the predictions of the run ${row.run} no longer exist`, isOnItsWay };
  return { why: `the run ${row.run} of ${modelId(row.model)} has predicted no such chip`, isOnItsWay };
}

/** Returns the class that each number of a truth is for a model: each version has its own values. A name is the same class for all. */
function classesIn({ says }: Truth, truth: TruthValue, { classes, task }: ModelPackage): [number, string][] {
  const nameOf = (of: TruthValue) => classes.find(({ value }) => value === of)?.name ?? truthText(of, task);
  if (task.truthLater?.isOfPixels)
    return Array.from(String(truth).matchAll(/-?\d+(?=\/)/g), ([value]) => [Number(value), nameOf(Number(value))]);
  const stated = numberIn(String(says));
  return stated === null ? [] : [[stated, nameOf(truth)]];
}

function plainReader(model: ModelPackage): ReturnType<MakeReadMask> {
  const read = truthReader(model);
  return { read: async (truth) => ({ truth: read(truth) }), close: async () => {} };
}

type RunChips = ReturnType<typeof chipsOf>;

function chipsOf(predictions: Predictions | null, model: ModelPackage) {
  const { chip_id: ids = [], index = [], member = [], request_id: requests = [] } = predictions ?? {};
  const rows = new Map(Array.from(index, (place, row) => [place, row]));
  let byName: Map<string, number[]> | undefined;
  const named = (request: string, name: string) => {
    byName ??= Map.groupBy(rows.keys(), (place) => {
      const row = rows.get(place)!;
      return nameOf(requests[row]!, member[row] ?? inputName(place)); // over HTTP, the member has the place in its request
    });
    const places = byName.get(nameOf(request, name)) ?? [];
    return places.length === 1 ? places[0] : undefined; // two inputs of the same name cannot be told apart
  };
  return {
    find: (chip: NamedChip, { digest = '' }: LedgerRow) => {
      if (chip.kind === 'request') return named(chip.request, chip.id ?? inputName(chip.index!));
      if (chip.digits !== null && !digest.startsWith(chip.digits)) return undefined;
      return rows.has(chip.index) ? chip.index : undefined;
    },
    told: (place: number): toldTruths.ToldChip | undefined => {
      const row = rows.get(place);
      return row === undefined ? undefined : { id: ids[row]!, member: member[row]!, request: requests[row]! };
    },
    windows: (): ChipWindows => {
      const { x = [], y = [], width = [], height = [] } = predictions ?? {};
      const windowOf = (row: number) => ({ x: x[row]!, y: y[row]!, width: width[row]!, height: height[row]! });
      const found = [...rows].filter(([, row]) => x[row] != null);
      return new Map(found.map(([place, row]) => [place, windowOf(row)]));
    },
    compared,
    segments: (told: toldTruths.ToldTruths) => {
      const all = thatCount(predictions!, model);
      return segmentSums(all, model, (chips) => {
        const some = picked(all, chips);
        return withTruths(model.task.summary.of(some, model), compared(told, some), model.task.countTruths(model));
      });
    },
  };

  /** Yields the prediction of each chip that counts with its current truth: a late one, or its file's. */
  function* compared(told: toldTruths.ToldTruths, of = predictions!): Generator<ChipTruth, void, void> {
    const ofFile = of[toldColumn(model.task).name] as Predictions['truth'] | undefined;
    for (const [row, place] of Array.from(of.index).entries())
      if (!isMasked(of[MASKED.name]?.[row], model.mask))
        yield { ...model.task.said.of(of, row), truth: toldTruths.counted(told.get(place)) ?? ofFile?.[row] ?? null };
  }
}

const nameOf = (request: string | null, member: string): string => JSON.stringify([request, member]);
