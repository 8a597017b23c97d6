import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { batchEventInput, sceneInput, shadowInput, sweepInput } from '../../../core/base/messages.ts';
import { leftOut } from '../../../core/batches/batchResult.ts';
import { batchOf } from '../../benches/ledgerRows.ts';
import { editedItem, PROPERTIES } from '../../benches/packages.ts';
import { sceneOf } from '../../scenes.ts';
import { type Fake, SUBMIT_JOB, failure as thrown } from '../../stateMachine/runPipeline.ts';
import { functionIn } from '../functions.ts';
import type { Packaged } from '../package.ts';
import { MODEL, noReport, type Service } from './service.ts';

const VERSION = '6.0.0';
const CLI = fileURLToPath(new URL('../../../cli/swath.mjs', import.meta.url));
const run = promisify(execFile);

/** Models that outgrow a function; the job is the command line itself, with infer's environment and under its role. */
export function tellOfContainers(packaged: Packaged, service: () => Service): void {
  const submitJob: Fake = async ({ ContainerOverrides }: { ContainerOverrides: { Command: string[] } }) => {
    const env = {
      ...functionIn(packaged.template, 'infer').Environment.Variables,
      PATH: process.env['PATH'],
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'infer',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: service().aws.endpoint,
    };
    await run(process.execPath, [CLI, ...ContainerOverrides.Command], { env });
    return {};
  };

  it('a file of a model that asks for a container is classified by a job, which infer asks for', async () => {
    const { drop, ledger, promote, putPackage, run: runExecution } = service();
    const item = await editedItem([`${PROPERTIES}/version`, VERSION], [`${PROPERTIES}/swath:runner`, 'batch']);
    await putPackage(VERSION, Buffer.from(JSON.stringify(item)));
    promote(VERSION);
    const scene = drop('containers/first', sceneOf('containers/first', 5));
    const { end, failure, path } = await runExecution(sceneInput(scene), 'container-1', { [SUBMIT_JOB]: submitJob });
    assert.deepEqual([end, failure], ['Done', null]);
    assert.ok(path.includes('Infer in a container'));
    const row = await ledger.get(scene, { ...MODEL, version: VERSION });
    assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 5, attempt: 1 });
  });

  it('a job that is given up fails its run, by what AWS Batch says of it', async () => {
    const { drop, run: runExecution } = service();
    const scene = drop('containers/second', sceneOf('containers/second', 3));
    const { end, failure } = await runExecution(sceneInput(scene), 'container-2', { [SUBMIT_JOB]: givenUp });
    assert.deepEqual([end, failure?.error], ['Failed', 'JobFailed']);
    assert.match(
      failure!.cause,
      /^Infer: The job job-1 in a container was given up after 2 attempts \(exit code 137; OutOfMemoryError/,
    );
    service().promote(MODEL.version);
  });

  it('an image that does something else fails its run after one job, and the cause says what it has not done', async () => {
    const { drop, promote, run: runExecution } = service();
    promote(VERSION);
    const scene = drop('containers/third', sceneOf('containers/third', 3));
    let jobs = 0;
    const helloWorld: Fake = () => {
      jobs += 1;
      return {};
    };
    const { failure } = await runExecution(sceneInput(scene), 'container-3', { [SUBMIT_JOB]: helloWorld });
    assert.deepEqual([jobs, failure?.error], [1, 'NoOutcome']);
    assert.match(
      failure!.cause,
      /^Infer: The job in a container ended with exit code 0, and .* no outcome, as `swath work`/,
    );
    promote(MODEL.version);
  });

  const batch = batchOf();
  const done = { ...leftOut(1), done: 1, leftOut: 0 };
  const ref = { id: 'ab'.repeat(16), scene: { bucket: 'inbox', key: 'a', versionId: 'v' }, model: MODEL };
  const runRef = { ...ref, attempt: 1, execution: 'arn', digest: 'cd'.repeat(32), day: '2026-03-01' };
  const settled: Fake = ({ error }: { error: { Error: string } }) => ({ error: error.Error, cause: 'given up' });
  const sweep = { discover: discovered(batch), drift: (() => ({ judged: [] })) as Fake, report: noReport };
  const ofPixels = { preprocess: (() => ({ status: 'ready', map: true, run: runRef, parts: [0] })) as Fake };
  for (const [what, input, result, others, failed] of [
    [
      'pixels',
      sceneInput(ref.scene),
      { part: 0 },
      { ...ofPixels, mosaic: () => ({ maps: [] }), drift: () => ({ status: 'judged' }), settle: settled },
      'Failed',
    ],
    ['arrivals', batchEventInput(batch), done, { drift: () => ({}), settle: () => done }, 'Watch arrivals'],
    ['a batch of the sweep', sweepInput, done, { ...sweep, settle: () => done }, 'Nothing arrived'],
    [
      'a shadow',
      shadowInput({ model: MODEL, run: runRef, parts: 1, chips: 1, blank: 0 }),
      { left: 0 },
      { settle: () => ({ status: 'noted' }) },
      'Shadowed',
    ],
  ] as [string, unknown, unknown, Record<string, Fake>, string][])
    it(`of ${what}, a job is started, after which infer has a result; one that is given up, or leaves no outcome, is settled`, async () => {
      const infer: Fake = (_message, nth) => {
        if (nth === 1) throw thrown('ContainerNeeded');
        return result;
      };
      const { run: runExecution } = service();
      const jobs: unknown[] = [];
      const submit: Fake = (message) => void jobs.push(message);
      const ended = await runExecution(input, `container-${what}`, { ...others, infer, [SUBMIT_JOB]: submit });
      assert.deepEqual([jobs.length, ended.failure], [1, null]);
      const asking: Fake = () => {
        throw thrown('ContainerNeeded');
      };
      const useless = { ...others, infer: asking, [SUBMIT_JOB]: submit };
      const { end } = await runExecution(input, `container-${what}-useless`, useless);
      assert.deepEqual([jobs.length, end], [2, failed]);
      const lost = await runExecution(input, `container-${what}-lost`, { ...others, infer, [SUBMIT_JOB]: givenUp });
      assert.equal(lost.end, failed);
    });
}

const givenUp: Fake = () => {
  const Container = { ExitCode: 137, Reason: 'OutOfMemoryError: Container killed due to memory usage' };
  const cause = {
    JobId: 'job-1',
    Attempts: [{ Container }, { Container }],
    StatusReason: 'Essential container in task exited',
  };
  throw thrown('States.TaskFailed', JSON.stringify(cause));
};

/** A page of a sweep with one batch, and the next one without. */
function discovered(batch: object): Fake {
  const page = { cursor: null, started: 0, settled: 0, bulkFailedShare: 0, bulkCause: '', folder: null };
  return (_message, nth) => ({ ...page, batches: nth === 1 ? [batch] : [] });
}
