import { isDeepStrictEqual } from 'node:util';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { isBulk, mapKey, mapNamesKey, predictionsKey, preparedKey, tableKey } from '../../core/base/keys.ts';
import {
  batchEventSchema,
  isUnassigned,
  type ModelRef,
  modelId,
  runId,
  type SceneRef,
  sceneEventSchema,
  sceneId,
} from '../../core/base/messages.ts';
import { readLines } from '../../core/batches/manifest.ts';
import { isShadowItem } from '../../core/ledger/ledgerItem.ts';
import { isRunning, RUNNING, type State } from '../../core/ledger/states.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import { decodePieces } from '../../core/results/maps/pieces.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { INBOX } from '../../local/buckets/inbox.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { openBytes } from '../tiff.ts';
import { isAnsweredBody } from './answered.ts';
import { makeAnsweredRules } from './answeredRules.ts';
import type { Item } from './expressions.ts';
import { makeFailureAlarmRules } from './failureAlarmRules.ts';
import type { Numbers, SceneFile } from './files.ts';
import type { Version } from './inbox.ts';
import { CLASSES, MODEL, takersOf } from './model.ts';
import { makeReaders } from './readers.ts';
import { makeRequestRules } from './requestRules.ts';
import type { Change } from './results.ts';
import type { Scenario } from './scenarios.ts';
import { makeShadowRules, type ShadowRulesPorts } from './shadowRules.ts';
import type { Written } from './table.ts';
import { addedCounts, makeTruthRules } from './truthRules.ts';
import { isTruthsBody } from './truths.ts';
import type { Violation } from './violation.ts';
import type { Worker, World } from './world.ts';

type Expected = { version: Version; file: SceneFile };

/** A copy that pauses for longer is taken for a file that was written over. */

/** The last sweep took less. */
const SWEEP_MILLISECONDS = 3_600_000;

const WORK = ['preprocess', 'infer', 'work', 'drift', 'settle'];

/**
 * Watches a world for whatever breaks a rule. `faults` says how many there were up to now, `beside` which keys a second
 * model takes, where it is live, and `shadow` whether the first one has a shadow.
 */
export function makeRules(
  world: World,
  settings: Settings,
  faults: () => number,
  { beside, shadow, ...about }: Pick<Scenario, 'beside' | 'shadow'> & ShadowRulesPorts,
) {
  const expected: Expected[] = [];
  const firstDay = world.schedule.trueNow().toISOString().slice(0, 10);
  const seen: Violation[] = [];
  const looks: Promise<void>[] = [];
  const readers = makeReaders();
  /** Runs and batches that a worker wrote to which woke when the sweep was on its way: to them, it was no sweep after the last fault. */
  const wokenLate = new Set<string>();
  const broken = (rule: Violation['rule'], what: string) => void seen.push({ rule, what });
  const errors = makeFailureAlarmRules(broken);
  const shadows = makeShadowRules(world, { broken, ...about });
  /** Which model a request is for. */
  const modelOf = new Map<Version, ModelRef>();
  const modelsOf = (version: Version) => {
    const own = modelOf.get(version);
    return own === undefined ? takersOf(version.scene.key, beside) : [own];
  };
  const requests = makeRequestRules(world, {
    broken,
    fileOf: (scene) => expected.find(({ version }) => sceneId(version.scene) === sceneId(scene))?.file,
    hasStarted: (scene, model, inputs) => hasStarted(scene, inputs, model),
  });
  const answered = makeAnsweredRules(world, {
    broken,
    hasStarted: (scene, model, inputs) => hasStarted(scene, inputs, model),
  });
  const truths = makeTruthRules(world, { broken });
  const fileOf = (run: string) =>
    expected.find(({ version }) => modelsOf(version).some((model) => runId(version.scene, model) === run))?.file;

  function onWrite({ table, before, after }: Written, worker: Worker | undefined): void {
    const who = worker?.label ?? 'the restart';
    if (table === METRICS_TABLE) {
      if (before !== undefined && String(before['window']).startsWith('day#') && !isDeepStrictEqual(before, after))
        broken(2, `${who} changed the day's row ${before['window']}, which stands for good`);
      return;
    }
    if (shadows.onWrite({ before, after }, worker)) return;
    errors.onWrite({ before, after }, worker);
    const row = after ?? before;
    const isLate = worker?.isOld === true && !world.faults.isActive();
    if (isLate && row?.['scene'] === 'sweep#batches') wokenLate.add(String(row['model']));
    if (row?.['state'] === undefined) return; // a digest's row, or one of a sweep's own
    const run = String(row['run']);
    if (after !== undefined) {
      readers.onRow(after, worker);
      requests.onRow(after);
    }
    if (isLate) wokenLate.add(run);
    if (after === undefined) {
      if (!isUnassigned({ name: String(row['model']).split('/')[0]!, version: '' }))
        broken(1, `${who} took the row of run ${run} away`);
      return;
    }
    const [state, attempt] = [after['state'] as State, Number(after['attempt'])];
    // A duplicate, or what is about to become one, is let take over or renamed by others, and nothing else of it changes: but
    // an attempt that ended as a duplicate costs none, which one of several who let it take over writes.
    const isLet = before?.['state'] === 'DUPLICATE' && after['heir'] === true;
    const given = isLet ? Number(after['attemptLimit']) - Number(before['attemptLimit']) : 0;
    const free = given === 1 ? { attemptLimit: after['attemptLimit'] } : {};
    const isPassedOn =
      before !== undefined && isDeepStrictEqual({ ...withoutOwner(before), ...free }, withoutOwner(after));
    // Who starts a duplicate in another's place records that its last execution was lost, as the sweep does.
    const isRecorded =
      String(after['execution']).endsWith(`:${run}-${attempt}`) && ['CLAIMED', 'FAILED'].includes(state);
    const isWork = worker !== undefined && WORK.includes(worker.role) && !isPassedOn && !isRecorded;
    if (isWork && after['execution'] !== worker.execution)
      broken(3, `${who} wrote run ${run}, which is held by ${after['execution']} (attempt ${attempt}, ${state})`);
    if (before === undefined || Number(before['attempt']) < attempt) {
      const isBegun = after['batch'] === undefined ? state === 'CLAIMED' : !isRunning(state);
      if (!isBegun || attempt !== Number(before?.['attempt'] ?? 0) + 1)
        broken(3, `${who} began attempt ${attempt} of run ${run} as ${state}`);
      if (before !== undefined && !mayBeTaken(before, worker))
        broken(3, `${who} took run ${run} from its holder: it was ${before['state']}, lease ${before['lease']}`);
    } else {
      const formerly = before['state'] as State;
      const [from, to] = [rankOf(formerly), rankOf(state)];
      const isBack = to < from || (from === RUNNING.length && state !== formerly);
      if (isBack || attempt < Number(before['attempt']))
        broken(
          3,
          `${who} moved attempt ${before['attempt']} of run ${run} from ${formerly} to ${state} (attempt ${attempt})`,
        );
      if (before['execution'] !== after['execution'])
        broken(3, `${who} changed whose attempt ${attempt} of run ${run} is`);
    }
    const { error } = after as { error?: { attempt: number; execution?: string } };
    if (!isDeepStrictEqual(error, before?.['error']) && error !== undefined)
      if (error.attempt !== attempt || error.execution !== after['execution'])
        broken(3, `${who} settled attempt ${attempt} of run ${run} as if it were attempt ${error.attempt}`);
    if (state !== before?.['state']) checkThere(state, run, after, who);
  }

  /** A message is done with when what it asks for has been started: nobody will hand it out again. */
  function onDealtWith(scene: SceneRef, inputs: ReadonlyMap<string, unknown>): void {
    if (!hasStarted(scene, inputs))
      broken(1, `the message of ${scene.key} is done with, and nothing was started for it`);
  }

  /** Whether an execution was started for a file: by a model, where one is named. */
  function hasStarted(scene: SceneRef, inputs: ReadonlyMap<string, unknown>, model?: ModelRef): boolean {
    return [...inputs.values()].some((input) => scenesIn(input, model).some((one) => sceneId(one) === sceneId(scene)));
  }

  /** The files that an execution was started for: its own, or those of a batch, as its manifest has them. */
  function scenesIn(input: unknown, model?: ModelRef): SceneRef[] {
    const batch = batchEventSchema.safeParse(input).data?.batch;
    if (model !== undefined && batch !== undefined && modelId(batch.model) !== modelId(model)) return [];
    const manifest = batch && world.results.get(batch.manifest);
    if (manifest !== undefined) return readLines(manifest.subarray(batch!.offset, batch!.offset + batch!.length));
    const scene = sceneEventSchema.safeParse(input).data?.scene;
    return scene === undefined ? [] : [scene];
  }

  /** The same as the ledger's own condition, said once more. What has missed its file, only who opens that may take. */
  function mayBeTaken(row: Item, worker: Worker | undefined): boolean {
    const isLeft = Number(row['attempt']) < Number(row['attemptLimit']);
    if (row['state'] === 'FAILED') return isLeft || (worker?.role === 'preprocess' && hasMissed(row));
    if (row['state'] === 'DUPLICATE') return row['heir'] === true;
    const isOver = String(row['lease']) < world.schedule.now().toISOString() || world.schedule.hasJumped();
    return isRunning(row['state'] as State) && isOver && isLeft;
  }

  function checkThere(state: State, run: string, row: Item, who: string): void {
    if (row['batch'] !== undefined) {
      const key = batchKeyOf(row);
      if (state === 'DONE' && !world.results.has(key))
        broken(4, `${who} wrote ${state} for run ${run} before ${key} was there`);
      return;
    }
    const { parts, day } = row as { parts?: number; day?: string };
    const keyOf =
      state === 'PREPARED'
        ? (part: number) => preparedKey(run, part)
        : state === 'PREDICTED' || state === 'DONE'
          ? (part: number) => predictionsKey({ id: run, model: refOf(row), day: String(day) }, part)
          : undefined;
    if (keyOf === undefined) return;
    for (let part = 0; part < Number(parts); part += 1)
      if (!world.results.has(keyOf(part)))
        broken(4, `${who} wrote ${state} for run ${run} before ${keyOf(part)} was there`);
    if (state !== 'PREPARED' && fileOf(run)?.map !== undefined)
      for (const key of mapKeysOf(row))
        if (!world.results.has(key)) broken(4, `${who} wrote ${state} for run ${run} before ${key} was there`);
  }

  function onResult(change: Change, worker: Worker | undefined): void {
    shadows.onResult(change, worker);
    readers.onChange(change, worker);
    const { key, written: bytes } = change;
    if (bytes === undefined) return;
    checkPartition(key, bytes);
    if (key.startsWith('requests/') || key.startsWith('answered/')) {
      const kept = (key.startsWith('requests/') ? requests.onKept : answered.onGathered)(key, bytes);
      if (kept === undefined) return;
      expected.push(kept);
      modelOf.set(kept.version, kept.model);
      return;
    }
    looks.push(
      problemOf(key, bytes).then((problem) => {
        if (problem !== undefined) broken(4, `${key}: ${problem}`);
      }),
    );
  }

  /** Rows that SQL is to read lie where it knows of, from before they are there. */
  function checkPartition(key: string, bytes: Uint8Array): void {
    if (world.storage !== 's3' || !/^(predictions|runs|metrics)\//.test(key)) return;
    if (parquetMetadata(bytes.slice().buffer).num_rows === 0n) return;
    const prefix = `s3://${settings.resultsBucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`;
    if (!world.partitions.has(prefix)) broken(4, `${key} was written before its partition was registered`);
  }

  async function problemOf(key: string, bytes: Uint8Array): Promise<string | undefined> {
    try {
      if (key.startsWith('prepared/')) return decodePart(bytes).chips > 0 ? undefined : 'holds no chip';
      if (key.startsWith('reports/'))
        return key.endsWith('.json')
          ? void JSON.parse(textOf(bytes))
          : isPage(textOf(bytes))
            ? undefined
            : 'is cut off';
      if (/^(runs|metrics)\//.test(key)) return await problemOfTable(key, bytes);
      if (key.startsWith('manifests/')) return isManifest(textOf(bytes)) ? undefined : 'is no list of files';
      if (key.startsWith('jobs/')) return void JSON.parse(textOf(bytes));
      if (key.startsWith('pieces/')) return problemOfPieces(key, bytes);
      if (key.startsWith('maps/')) return await problemOfMap(key, bytes);
      if (key.startsWith('truth/')) return await problemOfTruth(key, bytes);
      if (key.startsWith('summaries/')) return problemOfSummary(key, textOf(bytes));
      const [, run, part] = /\/([0-9a-f]{32})-(\d{5})\.parquet$/.exec(key) ?? [];
      if (run === undefined) return 'has a name that nothing of the service has';
      const file = key.startsWith('shadows/') ? shadows.fileOf(run, expected) : fileOf(run);
      const isOfShadow = key.startsWith('shadows/');
      if (file === undefined) return await problemOfBatch(bytes, isOfShadow);
      const wanted = isOfShadow && file.shadowed ? file.shadowed.parts.flat() : file.numbers?.parts[Number(part)];
      if (wanted === undefined) return 'belongs to no part of any file';
      return isDeepStrictEqual(
        await predictionsIn(bytes),
        wanted.map((row) => ({ ...row, run })),
      )
        ? undefined
        : "holds other predictions than the file's";
    } catch (error) {
      return `cannot be read: ${(error as Error).message}`;
    }
  }

  /** What was found for the pixels of a part is of each of its chips. */
  function problemOfPieces(key: string, bytes: Uint8Array): string | undefined {
    const [, run, part] = /^pieces\/([0-9a-f]{32})\/attempt-\d+\/part-(\d{5})\.zst$/.exec(key) ?? [];
    const wanted = run === undefined ? undefined : fileOf(run)?.numbers?.parts[Number(part)];
    return [...decodePieces(bytes, ['uint8'])].length === wanted?.length
      ? undefined
      : "holds other chips than the file's";
  }

  /** A map is the file's, pixel by pixel; what stands beside it is whole. */
  async function problemOfMap(key: string, bytes: Uint8Array): Promise<string | undefined> {
    const [, run, ending] = /\/([0-9a-f]{32})(\.tif|\.tif\.aux\.xml|\.json)$/.exec(key) ?? [];
    const map = run === undefined ? undefined : fileOf(run)?.map;
    if (map === undefined) return 'belongs to no raster';
    if (ending === '.json') return JSON.parse(textOf(bytes)).id === run ? undefined : 'is of another run';
    if (ending === '.tif.aux.xml') return textOf(bytes).endsWith('</PAMDataset>\n') ? undefined : 'is cut off';
    return isDeepStrictEqual(await mapIn(bytes), map) ? undefined : "holds other pixels than the file's";
  }

  /** What was found of a part adds up to what its chips are. */
  function problemOfSummary(key: string, text: string): string | undefined {
    const [, run, part] = /^summaries\/([0-9a-f]{32})\/attempt-\d+\/part-(\d{5})\.json$/.exec(key) ?? [];
    const rows = run === undefined ? undefined : fileOf(run)?.numbers?.parts[Number(part)];
    if (rows === undefined) return 'belongs to no part of any file';
    const found = JSON.parse(text) as { counts: number[]; missing: number };
    const countOf = (label: number | null) => rows.filter((row) => row.label === label).length;
    const wanted = { counts: Array.from({ length: CLASSES }, (_, label) => countOf(label)), missing: countOf(null) };
    return isDeepStrictEqual({ counts: found.counts, missing: found.missing }, wanted)
      ? undefined
      : "holds other numbers than the file's";
  }

  /** A batch's predictions are whole files', each in its order. */
  async function problemOfBatch(bytes: Uint8Array, isOfShadow: boolean): Promise<string | undefined> {
    for (const [content, rows] of await contentsIn(bytes)) {
      const file = expected.find((one) => one.file.digest.startsWith(content))?.file;
      if (file?.numbers === undefined || file.numbers === null) return 'holds chips of no file';
      const { parts } = (isOfShadow ? file.shadowed : undefined) ?? file.numbers;
      if (!isDeepStrictEqual(rows, parts.flat())) return "holds other predictions than a file's";
    }
    return undefined;
  }

  /** What is broken now that all has come to rest, beside what was seen on the way. */
  async function verify(now: Date): Promise<Violation[]> {
    await Promise.all(looks);
    const found: Violation[] = [...seen];
    const fail = (rule: Violation['rule'], what: string, mayWait = false): void => {
      found.push({ rule, what, mayWait });
    };
    const items = world.tables.items(LEDGER_TABLE);
    const isBatchOpen = items.some(({ scene }) => scene === 'sweep#batches');
    const rows = items.filter((item) => item['state'] !== undefined && !isShadowItem(item));
    const rowOf = (run: unknown) => rows.find((row) => row['run'] === run);
    const faultsUp = faults();
    const excused = faultsUp >= settings.attemptLimit;
    for (const one of expected) {
      if (rowOf(runId(one.version.scene, MODEL)) === undefined && answered.isLeftOver(one.version)) continue;
      for (const model of modelsOf(one.version)) checkEnd(one.version, one.file, model);
    }
    for (const row of rows)
      if (!expected.some(({ version }) => sceneId(version.scene) === row['scene']))
        fail(1, `the ledger has a row of ${row['scene']}, which was never put`);
    checkContents();
    if (shadow !== undefined) shadows.verify(fail, { items, rows, expected, shadow, isFaultless: faultsUp === 0 });
    checkDays();
    await checkTablesOfDays();
    await checkBatchFiles();
    // What a sweep has given up for this time the next one tries again, and only then claims what it counts.
    const isTriedAgain = rows.some((row) => row['state'] === 'FAILED' && hasAttempts(row) && hasFailedInSweep(row));
    const isWaiting = isBatchOpen || isTriedAgain || rows.some(({ state }) => isRunning(state as State));
    const failWaiting = (rule: Violation['rule'], what: string) => fail(rule, what, isWaiting);
    requests.verify(failWaiting);
    await answered.verify(failWaiting, (run) => rowOf(run)?.['state']);
    await truths.verify(fail);
    for (const problem of await readers.problems(true)) fail(2, problem, isBatchOpen);
    for (const { scene, lease, batch } of items as { scene: string; lease?: string; batch?: { id: string } }[])
      if (scene === 'sweep#batches') fail(1, `the batch ${batch?.id} is still open, lease ${lease}`, true);
    for (const { version, file } of expected)
      if (!isDeepStrictEqual(version.bytes, file.bytes)) fail(6, `${version.scene.key} was written to`);
    for (const key of world.results.keys())
      if (expected.some(({ version: { scene } }) => scene.bucket === INBOX && scene.key === key))
        fail(6, `a result lies at ${key}`);
    return found;

    function hasAttempts(row: Item): boolean {
      return Number(row['attempt']) < Number(row['attemptLimit']);
    }

    /** What fails in a batch of the last sweep, the next one tries again. */
    function hasFailedInSweep({ state, batch, changed }: Item): boolean {
      const began = new Date(now.getTime() - SWEEP_MILLISECONDS).toISOString();
      return state === 'FAILED' && batch !== undefined && String(changed) > began;
    }

    function checkEnd(version: Version, file: SceneFile, model: ModelRef): void {
      const about = `${version.scene.key}, version ${version.scene.versionId.slice(0, 8)}, by ${model.name},`;
      const all = rows.filter((row) => row['scene'] === sceneId(version.scene));
      const own = all.filter((row) => row['model'] === modelId(model));
      const takers = modelsOf(version).map(modelId);
      if (all.some((row) => !takers.includes(String(row['model']))))
        fail(1, `${about} has a row of no model that takes it`);
      const [row] = own;
      if (row === undefined) {
        // Nobody can know of an object that is gone, once what was started for it has died without a word.
        if (!(version.isGone && (faultsUp > 0 || isBulk(version.scene.key, settings.bulkPrefix))))
          fail(1, `${about} is not in the ledger`, isBatchOpen);
        return;
      }
      const state = row['state'] as State;
      if (isRunning(state)) {
        fail(
          1,
          `${about} is still ${state}, lease ${row['lease']}`,
          wokenLate.has(String(row['run'])) || String(row['lease']) > now.toISOString(),
        );
        return;
      }
      const error = row['error'] as Record<string, unknown> | undefined;
      if ((state === 'FAILED' || state === 'INVALID') && !isWholeStory(error, row))
        fail(1, `${about} is ${state} without the whole story: ${JSON.stringify(error)}`);
      if (file.numbers === null) {
        if (state !== 'INVALID' && !(state === 'FAILED' && excused)) fail(1, `${about} is bad, and ended ${state}`);
        return;
      }
      if (state === 'INVALID') fail(1, `${about} is good, and ended INVALID: ${error?.['message']}`);
      if (state === 'FAILED' && !version.isGone) {
        const missed = ((row['failures'] ?? []) as unknown[]).filter((failure) => hasMissed({ error: failure })).length;
        if (hasMissed(row))
          fail(1, `${about} is there, and its run says that it is not: ${JSON.stringify(error)}`, true);
        if (hasAttempts(row))
          fail(
            1,
            `${about} ended FAILED with attempts left (${row['attempt']} of ${row['attemptLimit']})`,
            hasFailedInSweep(row) || [row['run'], row['batch']].some((id) => wokenLate.has(String(id))),
          );
        if (faultsUp + missed < settings.attemptLimit)
          fail(
            1,
            `${about} ended FAILED after ${row['attempt']} attempts, and there were ${faultsUp} faults: ${JSON.stringify(error)}`,
          );
      }
      if (state === 'EMPTY' && file.numbers.parts.length > 0) fail(1, `${about} ended EMPTY, and has predictions`);
      if (state === 'DUPLICATE') {
        const owner = rowOf(row['duplicateOf']);
        if (!isCounted(owner) || owner?.['digest'] !== file.digest)
          fail(
            1,
            `${about} is DUPLICATE of run ${row['duplicateOf']}, which is ${owner?.['state']}`,
            owner === undefined
              ? isBatchOpen
              : isRunning(owner['state'] as State) || (hasAttempts(owner) && hasFailedInSweep(owner)),
          );
      }
      if (isCounted(row)) checkNumbers(about, row, version, file.numbers);
      checkMaps(about, row, file);
    }

    /** What is done has its maps, and says so; what counts nothing has none. */
    function checkMaps(about: string, row: Item, { map }: SceneFile): void {
      const isMapped = row['state'] === 'DONE' && map !== undefined;
      if (row['state'] === 'DONE' && isMapped !== isDeepStrictEqual(row['maps'], ['predictions']))
        fail(2, `${about} is DONE with the maps ${row['maps']}`);
      if (row['day'] === undefined) return; // it was never claimed by whoever reads it
      for (const key of mapKeysOf(row))
        if (world.results.has(key) !== isMapped)
          fail(2, `${about} is ${row['state']} ${isMapped ? 'without' : 'with'} ${key}`);
    }

    function checkNumbers(about: string, row: Item, version: Version, numbers: Numbers): void {
      const { chips, blank } = row;
      const { counts, missing, probabilitySum } = countedIn(row);
      const { parts, ...wanted } = numbers;
      const is = { chips, blank, missing, counts, probabilitySum };
      if (!isDeepStrictEqual(is, wanted))
        fail(2, `${about} counts ${JSON.stringify(is)}, and holds ${JSON.stringify(wanted)}`);
      const day = version.lastModified.toISOString().slice(0, 10);
      // Whoever looked when the clock was behind, or right again, dated it no later than by then.
      const isByThen = String(row['countedDay']) < day && world.schedule.hasJumped();
      if (row['countedDay'] !== day && !isByThen && !version.isGone)
        fail(2, `${about} counts for ${row['countedDay']}`);
      if (row['batch'] !== undefined) {
        if (row['state'] === 'DONE' && !world.results.has(batchKeyOf(row)))
          fail(2, `${about} is ${row['state']} without ${batchKeyOf(row)}`);
      } else
        for (const part of parts.keys()) {
          const key = predictionsKey({ id: String(row['run']), model: refOf(row), day: String(row['day']) }, part);
          if (!world.results.has(key)) fail(2, `${about} is ${row['state']} without ${key}`);
        }
      const metrics = world.tables.items(METRICS_TABLE).find(({ window }) => window === `run#${row['run']}`);
      if (
        row['state'] === 'DONE' &&
        row['batch'] === undefined &&
        !isDeepStrictEqual(metrics && judgedIn(metrics)['counts'], counts)
      )
        fail(2, `${about} has the metrics row ${JSON.stringify(metrics)}`);
      const isDigest = ({ scene, model }: Item) => scene === `digest#${row['digest']}` && model === row['model'];
      const digest = items.find(isDigest);
      if (digest?.['owner'] !== row['run']) fail(2, `${about} counts, and its bytes are owned by ${digest?.['owner']}`);
    }

    /** Each content counts once, whoever's it is; and no less than once, if any of its runs could come to its end. */
    function checkContents(): void {
      for (const digest of new Set(expected.map(({ file }) => file.digest))) {
        const same = expected.filter(({ file }) => file.digest === digest);
        const about = same.map(({ version }) => version.scene.key).join(', ');
        for (const model of new Set(same.flatMap(({ version }) => modelsOf(version)))) {
          const counted = same.filter(({ version }) => isCounted(rowOf(runId(version.scene, model))));
          if (new Set(counted.map(({ version }) => sceneId(version.scene))).size > 1)
            fail(2, `the same bytes count more than once: ${about}, by ${model.name}`);
        }
      }
    }

    /** What a batch's file holds is of the files that say that they are done by it. */
    async function checkBatchFiles(): Promise<void> {
      for (const key of world.results.keys()) {
        const [, id] = /^predictions\/.*\/([0-9a-f]{32})-\d{5}\.parquet$/.exec(key) ?? [];
        if (id === undefined || rowOf(id) !== undefined) continue;
        const contents = await ownersIn(world.results.get(key)!);
        const done = rows.filter(({ batch, state }) => batch === id && state === 'DONE');
        const wanted = done.map(({ run, digest }) => `${run} ${String(digest).slice(0, 16)}`);
        if (!isDeepStrictEqual(contents.toSorted(), wanted.toSorted()))
          fail(2, `${key} holds ${contents}, and the files that are done by the batch are ${wanted}`, isBatchOpen);
      }
    }

    /** Days that have closed: each revision is what the ledger says as of its cut-off, and the last one is all there is. */
    function checkDays(): void {
      const days = world.tables.items(METRICS_TABLE).filter(({ window }) => String(window).startsWith('day#'));
      const counted = Object.groupBy(rows.filter(isCounted), ({ model }) => String(model));
      for (const model of new Set([...days.map((item) => String(item['model'])), ...Object.keys(counted)])) {
        const ofModel = days.filter((item) => item['model'] === model);
        checkDaysOf(ofModel, counted[model] ?? []);
      }
    }

    /** The table that SQL reads has the latest revision of each day. */
    async function checkTablesOfDays(): Promise<void> {
      const days = world.tables.items(METRICS_TABLE).filter(({ window }) => String(window).startsWith('day#'));
      for (const [day = '', revisions] of Map.groupBy(days, (item) => String(item['day']))) {
        const bytes = world.results.get(tableKey('metrics', day, 0));
        const rows = bytes === undefined ? [] : await parquetReadObjects({ file: bytes.slice().buffer });
        for (const { model, revision } of revisions) {
          const shown = rows.find((row) => row['window'] === 'day' && `${row['model']}/${row['version']}` === model);
          if (Number(shown?.['revision'] ?? 0) < Number(revision))
            fail(2, `the table metrics of ${day} has revision ${shown?.['revision']}, and not ${revision}`, true);
        }
      }
    }

    function checkDaysOf(metrics: readonly Item[], counted: readonly Item[]): void {
      const { schedule } = world;
      // Where the clock was set, a run may end earlier than a cut-off before it: the last revision must know of it all the same.
      for (const item of schedule.hasJumped() ? [] : metrics) {
        const cutOff = `${item['cutOff']}#~`;
        const then = counted.filter((row) => row['countedDay'] === item['day'] && String(row['changed']) <= cutOff);
        const problem = differenceOf(item, then);
        if (problem !== undefined) fail(2, `revision ${item['window']} (cut-off ${item['cutOff']}): ${problem}`);
      }
      for (const day of new Set(counted.map((row) => String(row['countedDay'])))) {
        if (day >= now.toISOString().slice(0, 10)) continue;
        if (day < firstDay && schedule.hasJumped()) continue; // of a clock that was behind: nobody may have judged it then
        const revisions = metrics
          .filter((item) => item['day'] === day)
          .sort((a, b) => Number(a['revision']) - Number(b['revision']));
        const latest = revisions.at(-1);
        const all = counted.filter((row) => row['countedDay'] === day);
        const problem = latest === undefined ? 'was never judged' : differenceOf(latest, all);
        if (problem !== undefined) fail(2, `the day ${day}: ${problem}`, true);
        else if (latest !== undefined && !isTrueAs(latest, all))
          fail(11, `the day ${day} says other truths than its runs: revision ${latest['revision']}`, true);
        for (const [i, item] of revisions.entries())
          if (item['revision'] !== i + 1)
            fail(2, `the day ${day} has revision ${item['revision']} in the place of ${i + 1}`);
      }
    }
  }

  return {
    onWrite,
    onDealtWith,
    onResult,
    onEnd: readers.onEnd,
    onPublish: errors.onPublish,
    isAnyWokenLate: () => wokenLate.size > 0,
    expectRequest: requests.expect,
    expectAnswered: answered.expect,
    expectTruths: truths.expect,
    onRequestDone: (body: string, inputs: ReadonlyMap<string, unknown>) =>
      isTruthsBody(body) ? truths.onDone(body) : (isAnsweredBody(body) ? answered : requests).onDone(body, inputs),
    onAnswer: requests.onAnswer,
    expect: (version: Version, file: SceneFile) => void expected.push({ version, file }),
    verify,
  };
}

function differenceOf(item: Item, rows: readonly Item[]): string | undefined {
  const judged = judgedIn(item);
  const sum = (of: (row: Item) => number) => rows.reduce((total, row) => total + of(row), 0);
  const wanted = {
    runs: rows.length,
    chips: sum(({ chips }) => Number(chips)),
    blank: sum(({ blank }) => Number(blank)),
    missing: sum((row) => countedIn(row).missing),
    probabilitySum: sum((row) => countedIn(row).probabilitySum),
    counts: (judged['counts'] as number[]).map((_, at) => sum((row) => countedIn(row).counts[at] ?? 0)),
  };
  const { chips, blank, missing, probabilitySum, counts } = judged;
  const { runs } = item;
  const is = { runs, chips, blank, missing, probabilitySum, counts };
  return isDeepStrictEqual(is, wanted)
    ? undefined
    : `says ${JSON.stringify(is)}, the ledger says ${JSON.stringify(wanted)}`;
}

/** Whether a day's row says the same of what is true as its runs do now. */
function isTrueAs(item: Item, rows: readonly Item[]): boolean {
  if (rows.some((row) => countedIn(row).task !== undefined)) return true;
  const wanted = addedCounts(rows);
  const none = wanted.truths.map(() => 0);
  const { truths = none, right = none, wrong = none, confused = [] } = judgedIn(item) as Record<string, unknown>;
  return isDeepStrictEqual({ truths, right, wrong, confused }, wanted);
}

type Counted = { task?: string; counts: number[]; missing: number; probabilitySum: number };

/** What a row's summary says of its chips. */
function countedIn(row: Item): Counted {
  return JSON.parse(String(row['summary']));
}

/** The same of a row of the metrics. */
function judgedIn(row: Item): Item {
  return { ...row, ...JSON.parse(String(row['judgement'])) };
}

/** Where the maps lie of a run of pixels. */
function mapKeysOf(row: Item): string[] {
  const run = { id: String(row['run']), model: refOf(row), day: String(row['day']) };
  return [mapKey(run, 'predictions'), mapNamesKey(run)];
}

/** Where the predictions lie of a run that a batch has brought to its end. */
function batchKeyOf(row: Item): string {
  return predictionsKey({ id: String(row['batch']), model: refOf(row), day: String(row['day']) }, 0);
}

/** A row without what it says of the run that owns its content. */
function withoutOwner({ duplicateOf: _, ownerTerm: __, heir: ___, ...row }: Item): Item {
  return row;
}

/** The model version of a row as it is stored. */
function refOf(row: Item): ModelRef {
  const [name = '', version = ''] = String(row['model']).split('/');
  return { name, version };
}

function isManifest(text: string): boolean {
  const lines = text.split('\n');
  return lines.pop() === '' && lines.every((line) => typeof JSON.parse(line).key === 'string');
}

/** Whether a run has failed for want of its file, as it was to be. */
function hasMissed({ error }: { error?: unknown }): boolean {
  const { name, step } = (error ?? {}) as { name?: string; step?: string };
  return name === 'SceneFileChanged' || (name === 'ObjectNotFound' && (step === 'Preprocess' || step === 'Batch'));
}

function isCounted(row: Item | undefined): boolean {
  return row?.['state'] === 'DONE' || row?.['state'] === 'EMPTY';
}

function rankOf(state: State): number {
  const place = (RUNNING as readonly State[]).indexOf(state);
  return place < 0 ? RUNNING.length : place;
}

function isWholeStory(error: Record<string, unknown> | undefined, row: Item): boolean {
  const isThere = ['name', 'message', 'step', 'at'].every(
    (name) => typeof error?.[name] === 'string' && error[name] !== '',
  );
  return isThere && error?.['attempt'] === row['attempt'] && error?.['execution'] === row['execution'];
}

const read = new Map<string, Promise<unknown>>();

/** The same by the content that they are of, as their ids have it. */
async function contentsIn(bytes: Uint8Array): Promise<Map<string, { index: number; label: number | null }[]>> {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer, columns: ['chip_id', 'index', 'label'] });
  const numbered = rows.map(({ chip_id, index, label }) => ({
    content: String(chip_id).split('-')[0]!,
    row: { index: Number(index), label: label === null ? null : Number(label) },
  }));
  const byContent = Map.groupBy(numbered, ({ content }) => content);
  return new Map([...byContent].map(([content, all]) => [content, all.map(({ row }) => row)]));
}

/** The pixels of a map, each read once however often it is written. */
function mapIn(bytes: Uint8Array): Promise<unknown> {
  const id = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const known = read.get(id) ?? readMap(bytes);
  read.set(id, known);
  return known;
}

async function readMap(bytes: Uint8Array): Promise<SceneFile['map']> {
  const map = await openBytes(bytes);
  const { width, height } = map;
  const values = new Uint8Array(width * height);
  await map.read({ x: 0, y: 0, width, height }, [0], [values]);
  return { width, height, values: [...values] };
}

/** The rows of a Parquet file, each read once however often it is written. */
function predictionsIn(bytes: Uint8Array): Promise<unknown> {
  const id = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const known = read.get(id) ?? readPredictions(bytes.slice().buffer);
  read.set(id, known);
  return known;
}

async function readPredictions(file: ArrayBuffer): Promise<unknown> {
  const rows = await parquetReadObjects({ file, columns: ['index', 'label', 'run'] });
  return rows.map(({ index, label, run }) => {
    return { index: Number(index), label: label === null ? null : Number(label), run };
  });
}

/** The runs that the rows of a file say they are of, each with its content. */
async function ownersIn(bytes: Uint8Array): Promise<string[]> {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer, columns: ['chip_id', 'run'] });
  return [...new Set(rows.map(({ chip_id, run }) => `${run} ${String(chip_id).split('-')[0]}`))];
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function isPage(text: string): boolean {
  return text.trimEnd().endsWith('</html>');
}

/** Of each chip of a run there is one last word. */
async function problemOfTruth(key: string, bytes: Uint8Array): Promise<string | undefined> {
  const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
  const [, run] = /\/([0-9a-f]{32})\.parquet$/.exec(key) ?? [];
  if (run === undefined || rows.some((row) => row['run'] !== run)) return 'is of another run';
  return new Set(rows.map(({ index }) => Number(index))).size === rows.length ? undefined : 'names a chip twice';
}

/** What SQL reads of a day: a run is in it once, and one that is done has its numbers. */
async function problemOfTable(key: string, bytes: Uint8Array): Promise<string | undefined> {
  const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
  const runs = rows.flatMap(({ run, window }) => (run === null || window === 'day' ? [] : [run]));
  if (new Set(runs).size !== runs.length) return 'names a run twice';
  if (key.startsWith('runs/') && rows.some(({ state, chips }) => state === 'DONE' && chips === null))
    return 'has a run that is done, without its chips';
  return undefined;
}
