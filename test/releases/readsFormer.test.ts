import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { publishModel } from '../../cli/models/publishModel.ts';
import type { PipelineFunction } from '../../core/base/functions.ts';
import { promotedKey } from '../../core/base/keys.ts';
import {
  type DiscoverInput,
  type DiscoverResult,
  inferInputSchema,
  type RunRef,
  sweepInput,
} from '../../core/base/messages.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { CountedRun } from '../../core/ledger/ledgerItem.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makeModels } from '../../core/releases/models.ts';
import { type PredictedChip, readPredictedParts } from '../../core/results/predictions.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { namedIn } from '../../core/tasks/registry.ts';
import { folderBucket, readFromFolder, writeToFolder } from '../../local/buckets/folderBucket.ts';
import { readTable } from '../../local/stack/service.ts';
import { startStateMachine } from '../../local/stack/stateMachine.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { inputSchemas } from '../stateMachine/inputSchemas.ts';
import { type InProcess, startInProcess } from './inProcess.ts';
import { type Release, recordedReleases } from './release.ts';
import { SCHEMAS } from './schemas.ts';
import { BASELINE, crowd, DAY, dayOf, NIGHT, putItems, type TableKeys } from './story.ts';

/** An upgrade loses nothing: this release reads, and ends, what an earlier one has left behind. */

/** Leases of five minutes, which begin on that day, are not over yet, however slow the machine. */
const LATER = new Date(DAY.getTime() + 4 * 60_000);

for (const release of recordedReleases()) {
  const { rows, unfinished, executions } = release;
  const rowIn = (state: LedgerRow['state']) => rows.find((row) => row.state === state)!;

  describe(`with all that ${release.version} left behind,`, () => {
    const service = restoredFor(release, LATER);

    describe(`what ${release.version} left behind is read with the values that it had:`, () => {
      const ledger = () => makeLedger(service().tables, LEDGER_TABLE);
      const metrics = () => makeMetricsTable(service().tables, METRICS_TABLE);

      for (const row of rows)
        test(`the row of a run that is ${row.state}: ${row.scene.key}`, async () => {
          assert.partialDeepStrictEqual(await ledger().get(row.scene, row.model), row);
          assert.partialDeepStrictEqual(await ledger().ofScene(row.scene), [row]);
          assert.partialDeepStrictEqual(await ledger().byRun(row.run), row);
          const { rows: found } = await ledger().byState(row.state);
          const same = found.find(({ run }) => run === row.run);
          assert.partialDeepStrictEqual(same, row);
        });

      test('the runs that count on its day', async () => {
        const counted: CountedRun[] = [];
        for await (const run of ledger().ofDay(dayOf(DAY))) counted.push(run);
        const expected = rows.filter(({ state }) => state === 'DONE' || state === 'EMPTY');
        assert.deepEqual(counted.map(numbersOf).sort(byRun), expected.map(numbersOf).sort(byRun));
      });

      test('whose some bytes are', async () => {
        const { scene, model, attempt, execution, digest = '', day = '' } = rowIn('DONE');
        const run: RunRef = { id: rowIn('DONE').run, scene, model, attempt, execution, digest, day };
        assert.equal(await ledger().claimContent(run), rowIn('DUPLICATE').duplicateOf);
      });

      test('the latest verdict on its day', async () => {
        const { model } = rowIn('DONE');
        assert.equal(release.days.length, 1);
        assert.partialDeepStrictEqual(await metrics().days(model, dayOf(DAY), dayOf(DAY)), release.days);
        assert.partialDeepStrictEqual(await metrics().latestDay(model, dayOf(DAY)), release.days[0]);
      });

      test('the promoted version', async () => {
        const { model } = rowIn('DONE');
        const promotion = await makeModels(readFromFolder(service().folder.models), model.name).promotion();
        assert.partialDeepStrictEqual(promotion, { ...model, promotedAt: JSON.parse(release.promoted).promotedAt });
      });

      test('the parameters in the output of its stack', () => {
        const output = JSON.parse(release.observedParameters);
        assert.partialDeepStrictEqual(SCHEMAS.observedParameters.parse(output), output);
      });

      test('the chips that it had prepared', () => {
        const [, bytes] = Object.entries(release.objects).find(([key]) => key.startsWith('prepared/'))!;
        const part = decodePart(bytes);
        assert.equal(part.chips, rowIn('PREPARED').chips);
        assert.deepEqual(
          part.bands.map(({ name, dataType, values }) => [name, dataType, values.length]),
          ['B2', 'B3', 'B4', 'B5'].map((name) => [name, 'uint8', part.chips * 65 * 65]),
        );
      });

      test('the chips that it had classified', async () => {
        const done = rowIn('DONE');
        const parts = readPredictedParts(readFromFolder(service().folder.results), done);
        const chips: PredictedChip[] = (await parts.next()).value ?? [];
        const chipIn = (index: number) => `${done.digest!.slice(0, 16)}-${index}`;
        assert.deepEqual(
          chips.map(({ id, index, text, truth }) => ({ id, index, class: text, truth })),
          [
            { id: chipIn(0), index: 0, class: 'cows-0', truth: 0 },
            { id: chipIn(2), index: 2, class: 'cows-3plus', truth: 0 },
          ],
        );
      });

      for (const { name, calls } of executions)
        for (const [i, { function: called, message, read }] of calls.entries())
          test(`a message: ${name}, call ${i + 1}, to ${called}`, () => {
            assert.partialDeepStrictEqual(inputSchemas[called].parse(message), read);
          });
    });

    describe(`a run that ${release.version} left in the middle`, () => {
      for (const { state, key, next } of unfinished)
        describe(`and ${state}`, () => {
          test('goes on where it was', async () => {
            await goOn(service(), next);
            assertEndedAs(release, key, await rowOf(service(), rows, key), { attempt: 1 });
          });
        });

      describe('and that lands late', () => {
        const first = release.metrics.find(({ window }) => window?.S === `day#${dayOf(DAY)}#000001`)!;
        const service = restoredFor({ ...release, metrics: [first] }, new Date(NIGHT.getTime() + 60_000)); // behind its cut-off
        test('is in the next revision of a day that was judged before it', async () => {
          await goOn(service(), unfinished.find(({ state }) => state === 'PREDICTED')!.next);
          await service().step('drift', { before: NIGHT.toISOString() });
          const metrics = makeMetricsTable(service().tables, METRICS_TABLE);
          const latest = await metrics.latestDay(rowIn('DONE').model, dayOf(DAY));
          const found = { revision: latest?.revision, runs: latest?.runs, chips: latest?.judgement.chips };
          const chips = Number(first['chips']?.N) + rowIn('PREDICTED').chips!;
          assert.deepEqual(found, { revision: 2, runs: Number(first['runs']?.N) + 1, chips });
        });
      });
    });
  });

  describe(`the tables of ${release.version} are those of today, with the same keys and indexes:`, () => {
    for (const [id, former] of Object.entries(release.tables))
      test(id, () => {
        const { KeySchema, GlobalSecondaryIndexes = [] } = readTable(id) as TableKeys;
        assert.deepEqual(KeySchema, former.KeySchema);
        for (const index of former.GlobalSecondaryIndexes ?? [])
          assert.ok(
            GlobalSecondaryIndexes.some((one) => isDeepStrictEqual(one, index)),
            `the index ${JSON.stringify(index)} is gone, or another one`,
          );
      });
  });

  describe(`with the answers of ${release.version}, an execution sends what it sent and ends as it did:`, () => {
    for (const { name, input, calls, ...ended } of executions)
      test(name, async () => {
        const open = [...calls];
        const answer = async (called: PipelineFunction, message: unknown) => {
          const place = open.findIndex((call) => call.function === called);
          assert.ok(place >= 0, `${called} was not called then`);
          const [call] = open.splice(place, 1);
          assert.partialDeepStrictEqual(withoutNow(message), withoutNow(call!.message));
          inputSchemas[called].parse(message);
          if (call!.error !== undefined) throw Object.assign(new Error(call!.error.message), call!.error);
          return call!.answer;
        };
        const machine = startStateMachine(answer, { runJob: async () => {}, concurrency: 1, now: () => NIGHT });
        await machine.executions.start(name, input);
        const { status, error, cause } = await machine.ended(machine.executions.arnOf(name));
        const { status: itsStatus, error: itsError, cause: itsCause } = ended;
        assert.deepEqual([status, error, cause], [itsStatus, itsError, itsCause]);
        assert.deepEqual(open, []);
      });
  });

  describe(`a sweep over what ${release.version} left behind`, () => {
    const service = restoredFor(release, NIGHT, (stack) => stack.run('a later sweep', sweepInput));

    for (const { state, key } of unfinished)
      test(`takes up the run that is ${state} and stays so`, async () =>
        assertEndedAs(release, key, await rowOf(service(), rows, key), { attempt: 2 }));

    test('retries failed runs', async () =>
      assertEndedAs(release, 'failed', await rowOf(service(), rows, 'failed'), { attempt: 2 }));

    test('puts a run in the place of the row of a file without a model', async () => {
      const { scene } = rows.find((row) => row.scene.key === 'no-model')!;
      const [own, ...others] = await makeLedger(service().tables, LEDGER_TABLE).ofScene(scene);
      assert.deepEqual(others, []);
      assertEndedAs(release, 'no-model', own!, { attempt: 1 });
    });

    for (const state of ['DONE', 'EMPTY', 'DUPLICATE', 'INVALID'] as const)
      test(`leaves runs that are ${state} as they are`, async () => {
        const row = rowIn(state);
        assert.partialDeepStrictEqual(await rowOf(service(), rows, row.scene.key), row);
      });
  });

  describe(`a sweep that ${release.version} left in the middle`, () => {
    const service = restoredFor(release, NIGHT, (stack) => crowd(stack, release.ledger));
    const { calls } = executions.find(({ name }) => name === 'sweep')!;
    after(() => service().idle());
    const messages = calls
      .filter((call) => call.function === 'discover')
      .map(({ message }) => message as DiscoverInput);
    for (const message of messages)
      test(`goes on from ${message.cursor ?? 'its beginning'}`, async () => {
        const { cursor, started } = (await service().step('discover', message)) as DiscoverResult;
        assert.ok(Number.isInteger(started) && (cursor === null || typeof JSON.parse(cursor).phase === 'string'));
      });

    test('ends from its last page', async () => {
      const [last] = messages.slice(-1);
      let cursor: string | null = last!.cursor;
      do ({ cursor } = (await service().step('discover', { ...last, cursor })) as DiscoverResult);
      while (cursor !== null);
    });
  });
}

/** For the tests of a suite: a service that has all that a release left behind, at a time, after some work. */
function restoredFor(release: Release, at: Date, work: (service: InProcess) => Promise<void> = async () => {}) {
  let service: InProcess | undefined;
  before(async () => {
    service = await startInProcess(at);
    const { models, results } = service.folder;
    const { name } = await publishModel(folderBucket(models), BASELINE);
    await writeToFolder(models)(promotedKey(name), new TextEncoder().encode(release.promoted));
    for (const [key, bytes] of Object.entries(release.files)) await service.put(key, bytes);
    for (const [key, bytes] of Object.entries(release.objects)) await writeToFolder(results)(key, bytes);
    await putItems(service, LEDGER_TABLE, release.ledger);
    await putItems(service, METRICS_TABLE, release.metrics);
    await work(service);
  });
  after(() => service?.close());
  return () => service!;
}

/** Has this release's functions take a run on from a message to its end, as the state machine would. */
async function goOn(service: InProcess, { function: name, message }: Release['unfinished'][number]['next']) {
  if (name === 'drift') return service.step('drift', message);
  if (name === 'infer') {
    const { run } = inferInputSchema.parse(message);
    return service.step('drift', { run, parts: [await service.step('infer', message)] });
  }
  const { run, parts } = (await service.step(name, message)) as { run: RunRef; parts: number[] };
  const results = await Promise.all(parts.map((part) => service.step('infer', { run, part })));
  return service.step('drift', { run, parts: results });
}

/** The row of the run that had a row before, by its file. */
async function rowOf({ tables }: InProcess, rows: LedgerRow[], key: string): Promise<LedgerRow> {
  const { scene, model } = rows.find((row) => row.scene.key === key)!;
  return (await makeLedger(tables, LEDGER_TABLE).get(scene, model))!;
}

/** Asserts that a run is done, with the classes of the chips in its file. */
function assertEndedAs({ found }: Release, key: string, row: LedgerRow, { attempt }: { attempt: number }): void {
  const classes = namedIn(row)
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => [name, count]);
  assert.deepEqual(
    { state: row.state, attempt: row.attempt, error: row.error, classes: Object.fromEntries(classes) },
    { state: 'DONE', attempt, error: undefined, classes: found[key] },
  );
}

function numbersOf({ run, chips, blank, summary, bands }: LedgerRow | CountedRun) {
  return { run, chips, blank, summary, bands };
}

function byRun(a: { run: string }, b: { run: string }): number {
  return a.run < b.run ? -1 : 1;
}

/** A message but for the time at which its execution began, which is the machine's. */
function withoutNow(message: unknown): object {
  const { before: _, ...others } = message as { before?: string };
  return others;
}
