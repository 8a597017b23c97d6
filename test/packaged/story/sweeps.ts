import assert from 'node:assert/strict';
import { it } from 'node:test';
import { reportKey } from '../../../core/base/keys.ts';
import { executionName, fullSweepInput, runId, sceneInput, sweepInput } from '../../../core/base/messages.ts';
import { blankFrames, named, sceneOf } from '../../scenes.ts';
import { SAMPLE } from './files.ts';
import { CLOSED_DAY, MODEL, noReport, type Service } from './service.ts';

const HOUR = 3_600_000;

/** What sweeps find, judge and report of scene files. */
export function tellOfSweeps(service: () => Service): void {
  it('the sweep starts missed files, settles lost runs, and judges the day', async () => {
    const { aws, inbox, ledger, drop, run } = service();
    const scene = drop('lost', SAMPLE);
    const lostRun = runId(scene, MODEL);
    aws.taken.add(executionName(lostRun, 1));
    aws.started.clear();
    const { end, failure } = await run(sweepInput, 'sweep-3');
    assert.deepEqual({ end, failure }, { end: 'Swept', failure: null });
    const gone = runId({ bucket: inbox, key: 'gone', versionId: 'v1' }, MODEL);
    assert.deepEqual([...aws.started.keys()], [executionName(gone, 2), executionName(lostRun, 2)]);
    const lost = await ledger.get(scene, MODEL);
    assert.deepEqual({ state: lost?.state, error: lost?.error?.name }, { state: 'FAILED', error: 'ExecutionLost' });
    const ofDay = aws.published.filter(({ Dimensions }) => JSON.stringify(Dimensions).includes('"day"'));
    assert.equal(ofDay.find(({ MetricName }) => MetricName === 'Predictions')?.['Value'], 80);
  });

  it('the day is reported on, with pictures that come from ranges of the scene file', () => {
    const { aws, results } = service();
    const page = Buffer.from(aws.objects.get(results)!.get(reportKey(MODEL, CLOSED_DAY, 'html'))!.bytes).toString();
    assert.match(page, /<title>[\d-]+: No drift – droughtwatch-baseline 1\.0\.0<\/title>/);
    assert.equal(page.match(/<img src="data:image\/png;base64,/g)?.length, 18);
    assert.equal(page.match(/<svg /g)?.length, 3);
  });

  it('a day is due no more for the sake of runs that have long been counted', async () => {
    const { inbox, ledger, run } = service();
    const scene = { bucket: inbox, key: 'north/first', versionId: 'v1' };
    const hourAgo = new Date(Date.now() - HOUR);
    await ledger.markDue({
      day: CLOSED_DAY,
      mark: `${runId(scene, MODEL)}-1`,
      at: hourAgo.toISOString(),
      landing: { scene, model: MODEL },
    });
    const marked = () => ledger.marksBefore(CLOSED_DAY, new Date(hourAgo.getTime() + 1));
    assert.equal((await marked()).length, 1);
    assert.equal((await run(sweepInput, 'sweep-4', { report: noReport })).failure, null);
    assert.deepEqual(await marked(), []);
  });

  it('a sweep of everything looks at the owners of duplicates', async () => {
    const { run } = service();
    const { failure } = await run(fullSweepInput, 'sweep-5', { report: noReport });
    assert.equal(failure, null);
  });

  it('a sweep that may not list, count or report fails with the step', async () => {
    const { run, without } = service();
    for (const [who, action, step] of [
      ['discover', 's3:ListBucketVersions', 'Discover'],
      ['drift', 'dynamodb:Query', 'Daily drift'],
      ['report', 's3:PutObject', 'Report'],
    ] as const) {
      const { end, failure } = await without(who, action, () => run(sweepInput, `without-${who}`));
      assert.equal(end, 'Failed');
      assert.match(failure?.cause ?? '', new RegExp(`^${step}: `));
    }
  });

  it('a failure with attempts left is taken up by the next sweep, though it was long ago', async () => {
    const { aws, ledger, drop, run } = service();
    const scene = drop('long/ago', sceneOf('long ago', 1));
    const then = new Date(Date.now() - 60 * 86_400_000);
    const claim = { scene, model: MODEL, execution: 'then', now: then, leaseSeconds: 60, attemptLimit: 3 };
    const { row } = await ledger.claim(claim);
    await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, then);
    aws.started.clear();
    await run(sweepInput, 'sweep-long-ago', { report: noReport });
    assert.ok(aws.started.has(executionName(row.run, 2)));
  });

  it('a word that another one follows within a minute is followed by the last one', async () => {
    const { aws, drop, run, without } = service();
    aws.started.clear();
    const blanks = Array.from({ length: 200 }, (_, i) => named(blankFrames[0]!, `blank ${i}`));
    await run(sceneInput(drop('blanks', Buffer.concat(blanks))), 'blanks');
    const [[name, input] = ['', undefined], ...others] = aws.started;
    assert.match(name, /^last-word-\d{12}$/);
    assert.deepEqual(others, []);
    aws.published.length = 0;
    const refused = await without('drift', 'cloudwatch:PutMetricData', () => run(input, `${name}-refused`));
    assert.match(refused.failure?.cause ?? '', /^Last word: /);
    const { end, failure } = await run(input, name);
    assert.deepEqual([end, failure], ['Said', null]);
    const share = aws.published.find(({ MetricName }) => MetricName === 'BlankShare')?.['Value'];
    assert.ok(Number(share) > 0.5, `${share} of the chips that came lately are blank`);
  });
}
