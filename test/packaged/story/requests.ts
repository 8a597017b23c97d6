import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type BatchRef, sceneInput } from '../../../core/messages.ts';
import type { Answer } from '../../../core/requests/answer.ts';
import { executionName, runId } from '../../../core/run.ts';
import { sceneOf } from '../../scenes.ts';
import { MODEL, type Service } from './service.ts';

const ACCOUNT = 'https://sqs.us-east-1.amazonaws.com/123456789012';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-requests';
const KEY = 'requests/r-1.json';

/** Requests that come by a queue, from the message to its answer. */
export function tellOfRequests(service: () => Service): void {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const bands = Object.fromEntries(
    Array.from({ length: 11 }, (_, band) => [`B${band + 1}`, base64(new Uint8Array(65 * 65).fill(20 * band + 7))]),
  );

  /** Hands the function collect messages; answers which are to come again, what it has started, and what it has sent. */
  async function collect(...bodies: string[]) {
    const { aws, callFunction } = service();
    const before = new Set(aws.started.keys());
    const sent = aws.sent.length;
    const Records = bodies.map((body, i) => ({ messageId: `m${i}`, body, eventSourceARN: QUEUE }));
    const { batchItemFailures } = (await callFunction('collect', { Records })) as { batchItemFailures: unknown[] };
    const started = [...aws.started].filter(([name]) => !before.has(name)) as [string, { batch: BatchRef }][];
    return { again: batchItemFailures, started, sent: aws.sent.slice(sent) };
  }

  it('requests are kept, classified in a batch with the files that they name, and answered; one that is none is a dead letter', async () => {
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
    const body = JSON.stringify({ id: 'r-1', inputs, replyTo: `${ACCOUNT}/answers` });
    const first = await collect(body, '{"id": "r-2"}');
    // What it names came yesterday, and what came with it today: a batch is of one day.
    assert.deepEqual([first.again, first.started.length], [[], 2]);
    const letter = first.sent.find(({ queue }) => queue === `${ACCOUNT}/swath-dev-requests-dead-letters`);
    assert.deepEqual(letter?.body, '{"id": "r-2"}');
    assert.match(String(letter?.attributes['reason']), /^The request r-2 cannot be taken: inputs: found nothing/);
    const note = first.sent.find(({ queue }) => queue === `${ACCOUNT}/swath-dev-requests`);
    assert.ok(note !== undefined && note.delay > 0);

    const early = await collect(note.body);
    assert.deepEqual(
      early.sent.map(({ queue, delay }) => [queue, delay]),
      [[`${ACCOUNT}/swath-dev-requests`, 10]],
    );

    for (const [name, input] of first.started) assert.equal((await run(input, name)).end, 'Watch arrivals');
    const answered = await collect(note.body);
    assert.deepEqual(
      answered.sent.map(({ queue }) => queue),
      [`${ACCOUNT}/answers`],
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

  it('an answer to a request that is gone is a dead letter', async () => {
    const answer = { id: 'gone', model: MODEL, inline: 'v1', files: [], missing: [], forbidden: [] };
    const { sent } = await collect(
      JSON.stringify({ answer, since: new Date().toISOString(), delaySeconds: 5, refusals: 0 }),
    );
    assert.match(String(sent[0]?.attributes['reason']), /^No answer can be made any more: .* does not exist/);
  });
}
