import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type BatchRef, executionName, runId, sceneInput } from '../../../core/base/messages.ts';
import type { Answer } from '../../../core/doors/requests/answer.ts';
import { countsIn } from '../../benches/summaries.ts';
import { sceneOf } from '../../scenes.ts';
import { MODEL, type Service } from './service.ts';

const ACCOUNT = 'https://sqs.us-east-1.amazonaws.com/123456789012';
const QUEUES = 'arn:aws:sqs:us-east-1:123456789012:swath-dev';
const KEY = 'requests/r-1.json';

/** Requests that come by a queue, from the message to its answer. */
export function tellOfRequests(service: () => Service): void {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const bands = Object.fromEntries(
    Array.from({ length: 11 }, (_, band) => [`B${band + 1}`, base64(new Uint8Array(65 * 65).fill(20 * band + 7))]),
  );

  /** Where a message comes from: what counts has a queue of its own. */
  const queueOf = (body: string) => (/^{"(answered|truth)"/.test(body) ? 'counts' : 'requests');

  /** Hands the function collect messages; answers which are to come again, what it has started, and what it has sent. */
  async function collect(...bodies: string[]) {
    const { aws, callFunction } = service();
    const before = new Set(aws.started.keys());
    const sent = aws.sent.length;
    const Records = bodies.map((body, i) => ({
      messageId: `m${i}`,
      body,
      eventSourceARN: `${QUEUES}-${queueOf(body)}`,
    }));
    const { batchItemFailures } = (await callFunction('collect', { Records })) as { batchItemFailures: unknown[] };
    const started = [...aws.started].filter(([name]) => !before.has(name)) as [string, { batch: BatchRef }][];
    return { again: batchItemFailures, started, sent: aws.sent.slice(sent) };
  }

  it('requests are stored, classified in a batch with the files that they name, and answered; an invalid one is a dead letter', async () => {
    const { drop, layBeside, run, results, ledger, callFunction } = service();
    const scene = drop('requests/named', sceneOf('requests/named', 2));
    drop('bulk/requests/named', sceneOf('bulk/requests/named', 1));
    layBeside('requests/current', sceneOf('requests/current', 1));
    layBeside('bulk/requests/current', sceneOf('bulk/requests/current', 1));
    const s3 = (key: string, versionId?: string) => ({
      s3: `s3://${scene.bucket}/${key}`,
      ...(versionId && { versionId }),
    });
    const inputs = [
      { id: 'a chip', bands },
      { id: 'nothing', bands: {} },
      s3('requests/named', 'v1'),
      s3('bulk/requests/named', 'v1'),
      s3('requests/current'),
      s3('bulk/requests/current'),
      s3('requests/missing'),
    ];
    const body = JSON.stringify({ id: 'r-1', inputs, replyTo: `${ACCOUNT}/swath-answers` });
    const first = await collect(body, '{"id": "r-2"}');
    // What it names came yesterday, and what came with it today: a batch is of one day.
    assert.deepEqual([first.again, first.started.length], [[], 2]);
    const letter = first.sent.find(({ queue }) => queue === `${ACCOUNT}/swath-dev-dead-letters`);
    assert.deepEqual(letter?.body, '{"id": "r-2"}');
    assert.match(String(letter?.attributes['reason']), /^The request r-2 cannot be taken: inputs: found nothing/);
    const note = first.sent.find(({ queue }) => queue === `${ACCOUNT}/swath-dev-requests`);
    assert.ok(note !== undefined && note.delay > 0);

    const early = await collect(note.body);
    assert.deepEqual(
      early.sent.map(({ queue }) => queue),
      [`${ACCOUNT}/swath-dev-requests`],
    );

    for (const [name, input] of first.started) assert.equal((await run(input, name)).end, 'Watch arrivals');
    const answered = await collect(note.body);
    assert.deepEqual(
      answered.sent.map(({ queue }) => queue),
      [`${ACCOUNT}/swath-answers`],
    );
    const { results: told, errors } = JSON.parse(answered.sent[0]!.body) as Answer;
    assert.deepEqual(
      told?.map(({ error }) => error === null),
      [true, false, true, true, true, true, false],
    );
    assert.equal(errors, 2);

    const again = await collect(body);
    assert.deepEqual([again.again, again.sent.length], [[], 1], 'the same request once more is the one that is there');
    const other = await collect(body.replace('a chip', 'another'));
    assert.match(String(other.sent[0]?.attributes['reason']), /there is one of this id with other bytes/);

    const own = { bucket: results, key: KEY, versionId: note.body.match(/"inline":"([^"]+)"/)![1]! };
    assert.equal((await ledger.get(own, MODEL))?.state, 'DONE');
    const rerun = await run(sceneInput(own, MODEL), executionName(runId(own, MODEL), 2));
    assert.equal(rerun.failure, null, 'an execution of its own reads it as well');
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const { reports } = (await callFunction('report', { before: tomorrow, judged: [] })) as { reports: object[] };
    assert.ok(reports.length > 0, 'the report of the day reads it for the pictures of its chips');
  });

  it('predictions that were given over HTTP are counted, once; those of a class that the model has not are a dead letter', async () => {
    const { run, ledger, results, callFunction } = service();
    const columns = ['label', 'class', 'probability', ...[0, 1, 2, 3].map((value) => `p_${value}`)];
    const inputOf = (label: number) => ({
      place: 0,
      id: 'a chip',
      digest: '0'.repeat(64),
      values: [label, 'cows-1', 0.75, 0.05, 0.75, 0.1, 0.1],
    });
    const messageOf = (request: string, label: number) => {
      const about = { request, part: 0, model: MODEL, at: new Date().toISOString(), door: 'http', columns };
      return JSON.stringify({ answered: { ...about, inputs: [inputOf(label)] } });
    };
    const first = await collect(messageOf('h-1', 1), messageOf('h-2', 9));
    assert.deepEqual([first.again, first.started.length, first.sent.length], [[], 1, 1]);
    assert.match(String(first.sent[0]?.attributes['reason']), /^The predictions of the request h-2 cannot be counted/);
    for (const [name, input] of first.started) assert.equal((await run(input, name)).end, 'Watch arrivals');
    const other = await collect(messageOf('h-1', 1), messageOf('h-3', 1));
    for (const [name, input] of other.started) assert.equal((await run(input, name)).end, 'Watch arrivals');
    const done = (await ledger.byState('DONE', { limit: 100 })).rows.filter(
      ({ scene }) => scene.bucket === results && scene.key.startsWith('answered/'),
    );
    assert.deepEqual(
      done.map(({ chips }) => chips),
      [1, 1],
      'the message that came twice is counted in the first object alone',
    );
    const own = done[0]!.scene;
    const rerun = await run(sceneInput(own, MODEL), executionName(runId(own, MODEL), 2));
    assert.equal(rerun.failure, null, 'an execution of its own reads it as well');
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const { reports } = (await callFunction('report', { before: tomorrow, judged: [] })) as { reports: object[] };
    assert.ok(reports.length > 0, 'the report of the day looks for the pictures of its chips');
  });

  it('later truth is joined to its predictions; possible ones are retried, and impossible ones are dead letters', async () => {
    const { ledger, callFunction } = service();
    const counted = async (prefix: string) =>
      (await ledger.byState('DONE', { limit: 100 })).rows
        .filter(({ scene, told }) => scene.key.startsWith(prefix) && told !== undefined)
        .map((row) => (countsIn(row).truths ?? []).reduce((sum, truth) => sum + truth, 0));
    const messageOf = (truths: object[]) =>
      JSON.stringify({ truth: { model: MODEL.name, at: new Date().toISOString(), truths } });
    const first = await collect(
      messageOf([
        { request: 'h-1', id: 'a chip', truth: 'cows-1' },
        { request: 'r-1', id: 'a chip', truth: 'cows-2' },
        { scene: 'requests/current', index: 0, truth: 0 },
        { scene: 'requests/named', sceneVersion: 'v1', index: 1, truth: 'cows-0' },
        { scene: 'requests/nobody', index: 0, truth: 0 },
        { request: 'h-9', index: 0, truth: 0 },
      ]),
    );
    assert.deepEqual([first.again, first.started], [[], []]);
    const [letter, later] = ['swath-dev-dead-letters', 'swath-dev-counts'].map((name) =>
      first.sent.find(({ queue }) => queue === `${ACCOUNT}/${name}`),
    );
    assert.match(
      String(letter?.attributes['reason']),
      /^Truths cannot be joined, as nobody has predicted the chip: the chip 0 of .*requests\/nobody/,
    );
    assert.match(String(later?.body), /"request":"h-9"/);
    assert.deepEqual(
      await Promise.all(['answered/', 'requests/r-1', 'requests/named', 'requests/current'].map(counted)),
      [[1], [1], [2], [1]],
    );
    const again = await collect(messageOf([{ request: 'h-1', id: 'a chip', truth: 'cows-1' }]));
    assert.deepEqual([again.again, again.sent], [[], []]);
    assert.deepEqual(await counted('answered/'), [1]);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const { reports } = (await callFunction('report', { before: tomorrow, judged: [] })) as { reports: object[] };
    assert.ok(reports.length > 0, 'the report of the day reads it');
  });

  it('an answer to a deleted request is a dead letter, once its runs are no longer waited for', async () => {
    const since = new Date(Date.now() - 3 * 86_400_000).toISOString();
    const answer = { id: 'gone', model: MODEL, inline: 'v1', files: [], missing: [], forbidden: [] };
    const { sent } = await collect(JSON.stringify({ answers: [answer], since, delaySeconds: 5, refusals: 0 }));
    assert.match(String(sent[0]?.attributes['reason']), /^No answer can be made any more: .* does not exist/);
  });
}
