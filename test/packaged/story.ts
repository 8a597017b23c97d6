import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { makeClassifiers } from '../../functions/infer/classifier.ts';
import { makeInfer } from '../../functions/infer/infer.ts';
import { predictionsKey, preparedKey, reportKey } from '../../functions/shared/keys.ts';
import { type Ledger, makeLedger } from '../../functions/shared/ledger.ts';
import { inferInputSchema, type SceneRef, sceneInput, sweepInput } from '../../functions/shared/messages.ts';
import { BASELINE, readBaselineFile } from '../../functions/shared/model/testPackage.ts';
import { makeModels } from '../../functions/shared/models.ts';
import { executionName, runId, UNASSIGNED } from '../../functions/shared/run.ts';
import { connectLocalTables } from '../../local/tableClients.ts';
import { type Fake, runPipeline, failure as thrown } from '../../stepfunctions/runPipeline.ts';
import { blankFrames, named, sceneOf } from '../scenes.ts';
import { type FakeAws, startFakeAws } from './fakeAws.ts';
import { DEPLOYED, type DeployedName, functionIn, roleOf, startPackaged } from './functions.ts';
import type { Packaged } from './package.ts';
import { covers, type Grant, grantsOf } from './permissions.ts';

const SAMPLE = new URL('../../samples/droughtwatch/part-r-00012', import.meta.url);
const MODEL = { name: 'droughtwatch-baseline', version: '1.0.0' };
const YESTERDAY = new Date(Date.now() - 86_400_000);

const isLambdaLike = process.platform === 'linux' && process.arch === 'x64';

/**
 * The packaged functions, called by the definition that they were packaged with, with the environment and the rights
 * that the template gives them.
 */
export function tellStory(packaged: Packaged): void {
  describe('the packaged functions', {
    skip: isLambdaLike ? false : 'SKIPPED: the packaged onnxruntime runs on linux/x64 only',
  }, () => {
    const { template } = packaged;
    const grants = grantsOf(template);
    const used = new Set<Grant>();
    const {
      INBOX_BUCKET: inbox,
      MODELS_BUCKET: models,
      RESULTS_BUCKET: results,
      LEDGER_TABLE,
    } = functionIn(template, 'infer').Environment.Variables as Record<string, string>;
    const atTheEnd: (() => void)[] = [];
    const functions: Partial<Record<DeployedName, Fake>> = {};
    let aws: FakeAws;
    let ledger: Ledger;
    let sample: Buffer;

    async function setUp(): Promise<void> {
      aws = await startFakeAws(template, (caller, call) => {
        const role = roleOf(template, caller as DeployedName);
        const grant = grants.find((one) => one.role === role && covers(one, call));
        if (grant !== undefined) used.add(grant);
        return grant !== undefined;
      });
      atTheEnd.push(aws.close);
      for (const name of DEPLOYED) {
        const { invoke, stop } = await startPackaged(packaged, name, aws.endpoint);
        atTheEnd.push(stop);
        functions[name] = invoke;
      }
      ledger = makeLedger(connectLocalTables(aws.tables), LEDGER_TABLE!);
      sample = await readFile(SAMPLE);
      for (const file of ['item.json', 'model.onnx', 'reference.json']) {
        put(models!, `${MODEL.name}/${MODEL.version}/${file}`, await readFile(new URL(file, BASELINE)));
      }
    }

    function tearDown(): void {
      for (const end of atTheEnd) end();
    }

    // `after` does not follow a `before` that failed.
    before(() =>
      setUp().catch((error) => {
        tearDown();
        throw error;
      }),
    );
    after(tearDown);

    function put(bucket: string, id: string, bytes: Uint8Array): void {
      aws.objects.get(bucket)!.set(id, { bytes, modified: YESTERDAY });
    }

    function drop(key: string, bytes: Uint8Array): SceneRef {
      put(inbox!, `${key}#v1`, bytes);
      return { bucket: inbox!, key, versionId: 'v1' };
    }

    /** All but the reports, of which each sweep writes one. */
    function resultKeys(): string[] {
      return [...aws.objects.get(results!)!.keys()].filter((key) => !key.startsWith('reports/'));
    }

    /** What the dashboard gets, which calls functions by themselves. */
    async function answerOf(name: DeployedName, message: unknown): Promise<string> {
      return String(await functions[name]!(message as never, 1));
    }

    // What follows is one story: each part starts where the one before ended.
    it('a scene file that comes before any model is promoted fails, and the sweep leaves it', async () => {
      const scene = drop('north/first', sample);
      const { failure } = await runPipeline(sceneInput(scene), functions, 'too-early');
      assert.equal(failure?.error, 'NoModelPromoted');
      assert.match(failure.cause, /^Preprocess: No version of the model droughtwatch-baseline is promoted: .*\.$/);
      const { path } = await runPipeline(sweepInput, functions, 'sweep-1');
      assert.equal(path.at(-1), 'Nothing arrived');
      assert.equal(aws.started.size, 0);
      assert.match(await answerOf('ledgerWidget', { view: 'status' }), /No model version is promoted/);
    });

    it('once a model is promoted, the sweep starts it', async () => {
      put(models!, `${MODEL.name}/promoted.json`, Buffer.from(JSON.stringify({ version: MODEL.version })));
      await runPipeline(sweepInput, functions, 'sweep-2');
      assert.equal(aws.started.size, 1);
      const [[name, input] = ['', undefined]] = aws.started;
      const { path, failure, calls } = await runPipeline(input, functions, name);
      assert.deepEqual({ end: path.at(-1), failure }, { end: 'Done', failure: null });

      // The same chips, classified by the same code as it runs on a laptop.
      const job = inferInputSchema.parse(calls.find((call) => call.name === 'infer')?.message);
      const here = new Map<string, Uint8Array>();
      const infer = makeInfer({
        ledger: { renew: async () => (await ledger.get(job.run.scene, job.run.model))! },
        classifier: makeClassifiers(
          makeModels((key) => readBaselineFile(key.split('/').at(-1)!), MODEL.name),
          availableParallelism(),
        ),
        readResult: async (key) => aws.objects.get(results!)!.get(key)!.bytes,
        writeResult: async (key, bytes) => void here.set(key, bytes),
        now: () => new Date(),
        leaseSeconds: 60,
      });
      await infer(job, { remainingSeconds: () => 60, signal: new AbortController().signal }, {});
      const key = predictionsKey(job.run, 0);
      assert.deepEqual(resultKeys(), [preparedKey(job.run.id, 0), key]);
      const there = await rowsOf(aws.objects.get(results!)!.get(key)!.bytes);
      assert.equal(there.length, 79);
      assert.deepEqual(there, await rowsOf(here.get(key)!));

      const row = await ledger.get(job.run.scene, MODEL);
      assert.deepEqual(
        { state: row?.state, chips: row?.chips, blank: row?.blank, attempt: row?.attempt },
        { state: 'DONE', chips: 81, blank: 2, attempt: 1 },
      );
      assert.equal(aws.published.find(({ MetricName }) => MetricName === 'Predictions')?.['Value'], 79);
    });

    it('the same event once more finds it done', async () => {
      const scene = { bucket: inbox!, key: 'north/first', versionId: 'v1' };
      const { path, failure } = await runPipeline(sceneInput(scene), functions, 'once-more');
      assert.deepEqual({ end: path.at(-1), failure }, { end: 'Nothing to do', failure: null });
    });

    it('the same bytes under a second key are a duplicate', async () => {
      const { path } = await runPipeline(sceneInput(drop('south/second', sample)), functions, 'second');
      assert.equal(path.at(-1), 'Duplicate');
    });

    it('a broken file is invalid, and says where', async () => {
      const scene = drop('broken', sample.subarray(0, 100));
      const { failure } = await runPipeline(sceneInput(scene), functions, 'broken');
      assert.equal(failure?.error, 'InvalidSceneFile');
      assert.match(failure.cause, /^Preprocess: broken: /);
      assert.equal((await ledger.get(scene, MODEL))?.state, 'INVALID');
    });

    it('a file that is gone before its run has failed', async () => {
      const scene = { bucket: inbox!, key: 'gone', versionId: 'v1' };
      const { failure } = await runPipeline(sceneInput(scene), functions, 'gone');
      assert.equal(failure?.error, 'ObjectNotFound');
      assert.equal((await ledger.get(scene, MODEL))?.state, 'FAILED');
    });

    it('the sweep starts what never came to be, settles what was lost, and judges the day', async () => {
      const scene = drop('lost', sample);
      const run = runId(scene, MODEL);
      aws.taken.add(executionName(run, 1));
      aws.started.clear();
      const { path, failure } = await runPipeline(sweepInput, functions, 'sweep-3');
      assert.deepEqual({ end: path.at(-1), failure }, { end: 'Swept', failure: null });
      const gone = runId({ bucket: inbox!, key: 'gone', versionId: 'v1' }, MODEL);
      assert.deepEqual([...aws.started.keys()], [executionName(gone, 2), executionName(run, 2)]);
      const lost = await ledger.get(scene, MODEL);
      assert.deepEqual({ state: lost?.state, error: lost?.error?.name }, { state: 'FAILED', error: 'ExecutionLost' });
      const ofDay = aws.published.filter(({ Dimensions }) => JSON.stringify(Dimensions).includes('"day"'));
      assert.equal(ofDay.find(({ MetricName }) => MetricName === 'Predictions')?.['Value'], 79);
    });

    it('the day is reported on, with pictures that come from ranges of the scene file', () => {
      const html = reportKey(MODEL, YESTERDAY.toISOString().slice(0, 10), 'html');
      const page = Buffer.from(aws.objects.get(results!)!.get(html)!.bytes).toString();
      assert.match(page, /<title>[\d-]+: No drift – droughtwatch-baseline 1\.0\.0<\/title>/);
      assert.equal(page.match(/<img src="data:image\/png;base64,/g)?.length, 18);
      assert.equal(page.match(/<svg /g)?.length, 2);
    });

    it('the dashboard shows the live model, the verdict and the runs', async () => {
      const status = await answerOf('ledgerWidget', { view: 'status' });
      assert.match(status, /Live: <strong>droughtwatch-baseline 1\.0\.0<\/strong>/);
      assert.match(status, /<strong>no drift<\/strong>.*\n.*n = 79 predictions/);
      const shown = await answerOf('ledgerWidget', {
        view: 'ledger',
        widgetContext: { forms: { all: { search: 'gone' } } },
      });
      assert.match(
        shown,
        /DONE&nbsp;<strong>1<\/strong> .* INVALID&nbsp;<strong>1<\/strong> · FAILED&nbsp;<strong>2<\/strong>/,
      );
      assert.match(shown, /endpoint="arn:aws:lambda:us-east-1:123456789012:function:swath-dev-ledgerWidget"/);
      const run = runId({ bucket: inbox!, key: 'gone', versionId: 'v1' }, MODEL);
      assert.ok(shown.includes(`function:swath-dev-retry" confirmation="Try gone (run ${run}) once more?"`));
    });

    it('its button tries a failed run again, and refuses any other', async () => {
      aws.started.clear();
      const gone = runId({ bucket: inbox!, key: 'gone', versionId: 'v1' }, MODEL);
      assert.match(await answerOf('retry', { run: gone }), /is tried again/);
      assert.deepEqual([...aws.started.keys()], [executionName(gone, 2)]);
      const scene = { bucket: inbox!, key: 'north/first', versionId: 'v1' };
      assert.match(await answerOf('retry', { run: runId(scene, MODEL) }), /is DONE: there is nothing to try again/);
    });

    it('a row that stood in for a run that the file has by now goes', async () => {
      const scene = { bucket: inbox!, key: 'north/first', versionId: 'v1' };
      const claim = { execution: 'early', now: YESTERDAY, leaseSeconds: 0, attemptLimit: 3 };
      const { row } = await ledger.claim({ scene, model: UNASSIGNED, ...claim });
      const error = {
        name: 'NoModelPromoted',
        message: '',
        step: 'Preprocess',
        attempt: 1,
        at: YESTERDAY.toISOString(),
      };
      await ledger.fail(row, 'FAILED', error, YESTERDAY);
      assert.match(await answerOf('retry', { run: row.run }), /has a run of a model version by now/);
      assert.equal(await ledger.get(scene, UNASSIGNED), undefined);
    });

    it('bulk files are classified together, once the marker of their folder is there', async () => {
      const [first, second] = [drop('bulk/a/1', sceneOf('first', 1)), drop('bulk/a/2', sceneOf('second', 2, 5))];
      const broken = drop('bulk/a/3', sample.subarray(0, 100));
      const { path, failure } = await runPipeline(
        sceneInput(drop('bulk/a/_DONE', Buffer.alloc(0))),
        functions,
        'bulk-1',
      );
      assert.deepEqual([path.at(-1), failure?.error], ['Too many bulk failures', 'TooManyBulkFailures']);
      assert.match(failure?.cause ?? '', /^Of 3 bulk files 0 failed and 1 are invalid; /);
      const rows = await Promise.all([first, second, broken].map((scene) => ledger.get(scene, MODEL)));
      assert.deepEqual(
        rows.map((row) => [row?.state, row?.chips]),
        [
          ['DONE', 1],
          ['DONE', 2],
          ['INVALID', undefined],
        ],
      );
      const { batch = '', day = '' } = rows[0]!;
      const key = predictionsKey({ id: batch, model: MODEL, day }, 0);
      assert.equal((await rowsOf(aws.objects.get(results!)!.get(key)!.bytes)).length, 3);
    });

    it('a batch whose worker dies has its files failed', async () => {
      const lost = drop('bulk/b/1', sceneOf('third', 1));
      const dead: Fake = () => {
        throw thrown('Runtime.ExitError');
      };
      const marker = sceneInput(drop('bulk/b/_DONE', Buffer.alloc(0)));
      const ended = await runPipeline(marker, { ...functions, infer: dead }, 'bulk-2');
      assert.equal(ended.failure?.error, 'TooManyBulkFailures');
      const row = await ledger.get(lost, MODEL);
      assert.deepEqual([row?.state, row?.error?.name, row?.error?.step], ['FAILED', 'Runtime.ExitError', 'Batch']);
    });

    it('a failure with attempts left is taken up by the next sweep, though it was long ago', async () => {
      const scene = drop('long/ago', sceneOf('long ago', 1));
      const then = new Date(Date.now() - 60 * 86_400_000);
      const claim = { scene, model: MODEL, execution: 'then', now: then, leaseSeconds: 60, attemptLimit: 3 };
      const { row } = await ledger.claim(claim);
      await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, then);
      aws.started.clear();
      await runPipeline(sweepInput, functions, 'sweep-4');
      assert.ok(aws.started.has(executionName(row.run, 2)));
    });

    it('a word that another one follows within a minute is followed by the last one', async () => {
      aws.started.clear();
      const blanks = Array.from({ length: 200 }, (_, i) => named(blankFrames[0]!, `blank ${i}`));
      await runPipeline(sceneInput(drop('blanks', Buffer.concat(blanks))), functions, 'blanks');
      const [[name, input] = ['', undefined], ...others] = aws.started;
      assert.match(name, /^last-word-\d{12}$/);
      assert.deepEqual(others, []);
      aws.published.length = 0;
      const { path, failure } = await runPipeline(input, functions, name);
      assert.deepEqual([path.at(-1), failure], ['Said', null]);
      const share = aws.published.find(({ MetricName }) => MetricName === 'BlankShare')?.['Value'];
      assert.ok(Number(share) > 0.5, `${share} of the chips that came lately are blank`);
    });

    it('used every right that their roles have, but for those that only trouble asks for', () => {
      const ofFunctions = DEPLOYED.map((name) => roleOf(template, name));
      const unused = grants.filter((grant) => ofFunctions.includes(grant.role) && !used.has(grant));
      assert.deepEqual(
        unused.filter(({ action }) => !action.startsWith('logs:')).map(({ role, action }) => `${role} ${action}`),
        [
          'PreprocessRole s3:GetObjectVersion', // a bulk file that is tried by itself
          'PreprocessRole s3:ListBucket', // what a run has left behind that is a duplicate by now
          'PreprocessRole s3:GetObject',
          'PreprocessRole s3:DeleteObjectVersion',
          'InferRole s3:ListBucket', // a package that was taken away
          'InferRole s3:GetObject', // what an attempt before has predicted of a batch
          'InferRole s3:ListBucket', // where there is nothing of it
          'InferRole s3:ListBucket', // a bulk file that was taken away
          'DriftRole s3:GetObject', // which files a batch has brought into a day, within the last minutes
          'DriftRole s3:ListBucket',
          'DriftRole dynamodb:BatchGetItem',
          'DriftRole dynamodb:DeleteItem', // a day that is due no more, a minute after the last run landed in it
          'DiscoverRole s3:GetObject', // which files an open batch has
          'DiscoverRole s3:ListBucket',
          'DiscoverRole dynamodb:Query', // by its run: a duplicate's owner, where everything is looked at
          'SettleRole s3:PutObject', // predictions of files that are not done
          'SettleRole states:StartExecution', // a duplicate of what has failed
          'SettleRole states:DescribeExecution', // one that was started before
          'ReportRole s3:GetObjectVersion', // a bulk file's chips
          'ReportRole s3:ListBucket', // predictions that were taken away
          'ReportRole s3:ListBucket', // a scene file that was
        ],
      );
    });
  });
}

async function rowsOf(parquet: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: new Uint8Array(parquet).buffer });
}
