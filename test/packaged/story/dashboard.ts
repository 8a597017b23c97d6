import assert from 'node:assert/strict';
import { it } from 'node:test';
import { executionName, runId, UNASSIGNED } from '../../../core/base/messages.ts';
import { MODEL, type Service, YESTERDAY } from './service.ts';

/** What the dashboard shows, and what its button does. */
export function tellOfDashboard(service: () => Service): void {
  it('the dashboard shows the live model, the verdict and the runs', async () => {
    const { inbox, answerOf } = service();
    const status = await answerOf('ledgerWidget', { view: 'status' });
    assert.match(status, /Live: <strong>droughtwatch-baseline 1\.0\.0<\/strong>/);
    assert.match(status, /<strong>no drift<\/strong>.*\n.*n = 80 predictions/);
    const shown = await answerOf('ledgerWidget', {
      view: 'ledger',
      widgetContext: { forms: { all: { search: 'gone' } } },
    });
    assert.match(
      shown,
      /DONE&nbsp;<strong>3<\/strong> .* INVALID&nbsp;<strong>1<\/strong> · FAILED&nbsp;<strong>2<\/strong>/,
    );
    assert.match(shown, /endpoint="arn:aws:lambda:us-east-1:123456789012:function:swath-dev-ledgerWidget"/);
    const run = runId({ bucket: inbox, key: 'gone', versionId: 'v1' }, MODEL);
    assert.ok(shown.includes(`function:swath-dev-retry" confirmation="Try gone (run ${run}) once more?"`));
  });

  it('its button tries a failed run again, and refuses any other', async () => {
    const { aws, inbox, answerOf } = service();
    aws.started.clear();
    const gone = runId({ bucket: inbox, key: 'gone', versionId: 'v1' }, MODEL);
    assert.match(await answerOf('retry', { run: gone }), /is tried again/);
    assert.deepEqual([...aws.started.keys()], [executionName(gone, 2)]);
    const scene = { bucket: inbox, key: 'north/first', versionId: 'v1' };
    assert.match(await answerOf('retry', { run: runId(scene, MODEL) }), /is DONE: there is nothing to try again/);
  });

  it('a row that stood in for a run that the file has by now goes', async () => {
    const { inbox, ledger, answerOf } = service();
    const scene = { bucket: inbox, key: 'north/first', versionId: 'v1' };
    const claim = { execution: 'early', now: YESTERDAY, leaseSeconds: 0, attemptLimit: 3 };
    const { row } = await ledger.claim({ scene, model: UNASSIGNED, ...claim });
    const error = { name: 'NoModelPromoted', message: '', step: 'Preprocess', attempt: 1, at: YESTERDAY.toISOString() };
    await ledger.fail(row, 'FAILED', error, YESTERDAY);
    assert.match(await answerOf('retry', { run: row.run }), /now has a run with a model version/);
    assert.equal(await ledger.get(scene, UNASSIGNED), undefined);
  });
}
