import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { bucketOf, listVersionsIn, removeVersionFrom } from '../../aws/bucket.ts';
import { findObjectBy } from '../../aws/openObject.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../core/base/limits.ts';
import { sceneInput } from '../../core/base/messages.ts';
import type { Answer } from '../../core/doors/requests/answer.ts';
import { makeForgetRequest } from '../../core/doors/requests/forgetRequest.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { makeModels } from '../../core/releases/models.ts';
import { readPredictions } from '../predictions.ts';
import { bandsOf, blankFrames, frames, sceneOf } from '../scenes.ts';
import type { Stage } from '../stage.ts';
import { type Ended, jsonLines } from '../swath.ts';
import type { Subject } from './subject.ts';

/** A stage that takes requests by its queue. */
export type Requested = { stage: Stage; subject: Subject; swath: (...args: string[]) => Promise<Ended> };

/** So long an answer may take: two seconds in the queue, a batch, and looks for its end ever later. */
const ANSWER_SECONDS = 120;
const LOOK_MILLISECONDS = 250;
/** SQS takes messages of 1 MiB: docs/decisions/0022-a-request-is-a-scene-file.md says why we take fewer. */
const QUEUE_BYTES = 1024 * 1024;

/**
 * Requests by the queue of a deployed stage, by nobody's clients but AWS's own: what is sent ends as a row, as Parquet and as an
 * answer, or among the dead letters.
 */
export function requests(at: () => Requested): void {
  describe('requests by queue', () => {
    const own = randomUUID().slice(0, 8);
    const name = (text: string) => `${own}-${text}`;
    const folder = mkdtempSync(join(tmpdir(), 'swath-requested-'));
    let sqs: SQSClient;
    let s3: S3Client;
    let replyTo: string;

    before(async () => {
      const { account } = at().stage;
      sqs = new SQSClient({ ...account, useQueueUrlAsEndpoint: false });
      s3 = new S3Client(account);
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `swath-answers-${own}` }));
      replyTo = QueueUrl!;
    });
    after(async () => {
      rmSync(folder, { recursive: true });
      await sqs.send(new DeleteQueueCommand({ QueueUrl: replyTo }));
      sqs.destroy();
      s3.destroy();
    });

    const queue = () => at().stage.output('RequestsQueueUrl');
    const deadQueue = () => at().stage.output('DeadLetterQueueUrl');
    const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl: queue(), MessageBody }));
    const ask = (request: object) => send(JSON.stringify({ replyTo, ...request }));

    /** The next answers, as many as that, by their requests' ids. */
    async function answers(count: number): Promise<Map<string, Answer>> {
      const found: Answer[] = [];
      for (const end = Date.now() + ANSWER_SECONDS * 1000; found.length < count && Date.now() < end; ) {
        const request = { QueueUrl: replyTo, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 };
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
        for (const { Body, ReceiptHandle } of Messages) {
          found.push(JSON.parse(Body!));
          await sqs.send(new DeleteMessageCommand({ QueueUrl: replyTo, ReceiptHandle }));
        }
      }
      assert.deepEqual([found.length, new Set(found.map(({ id }) => id)).size], [count, count]);
      return new Map(found.map((one) => [one.id, one]));
    }

    async function lengthOf(QueueUrl: string): Promise<number> {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
      const { Attributes = {} } = await sqs.send(request);
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
    }

    /** All dead letters, once there are so many and the queue itself is empty; they stay where they are. */
    async function deadLetters(count: number): Promise<{ body: string; reason: string | undefined }[]> {
      for (const end = Date.now() + ANSWER_SECONDS * 1000; Date.now() < end; await pause(LOOK_MILLISECONDS)) {
        if ((await lengthOf(deadQueue())) >= count && (await lengthOf(queue())) === 0) break;
      }
      const found = new Map<string, Message>();
      const request = { QueueUrl: deadQueue(), MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
      for (let i = 0; i < 5; i += 1) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ ...request, VisibilityTimeout: 0 }));
        for (const message of Messages) found.set(message.MessageId!, message);
      }
      const letters = [...found.values()];
      const said = letters.map(({ Body = '' }) => `${Body.slice(0, 200)}…`).join('\n');
      assert.deepEqual([letters.length, await lengthOf(queue())], [count, 0], `the dead letters are:\n${said}`);
      return letters.map(({ Body, MessageAttributes }) => ({
        body: Body!,
        reason: MessageAttributes?.['reason']?.StringValue,
      }));
    }

    /** What the ledger has of a request that brought chips along, as DynamoDB itself says it. */
    async function rowsOf(id: string) {
      const { account, output } = at().stage;
      const object = { Bucket: output('ResultsBucket'), Key: `requests/${id}.json` };
      const { VersionId } = await s3.send(new HeadObjectCommand(object));
      const tables = new DynamoDBClient(account);
      const { Items = [] } = await tables.send(
        new QueryCommand({
          TableName: output('LedgerTable'),
          KeyConditionExpression: 'scene = :scene',
          ExpressionAttributeValues: { ':scene': { S: `${object.Bucket}/${object.Key}#${VersionId}` } },
        }),
      );
      tables.destroy();
      return Items.map(({ state, chips, attempt, run, batch }) => ({
        state: state?.S,
        chips: Number(chips?.N),
        attempt: Number(attempt?.N),
        run: run?.S,
        isOfBatch: batch?.S !== undefined,
      }));
    }

    /** The rows of a request in the file of Parquet that its answer names. */
    async function predictionsOf({ id, files }: Answer) {
      const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(predictions\/.+\.parquet)$/.exec(files[0]!) ?? [];
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const { rows } = await readPredictions(await Body!.transformToByteArray());
      return rows.filter((row) => row.request_id === id);
    }

    /** Each result of an input that was classified says what the file does. */
    async function assertKept(answer: Answer): Promise<void> {
      const rows = await predictionsOf(answer);
      for (const { index, member, class: name, probability } of rows)
        assert.partialDeepStrictEqual(answer.results?.[index], { id: member, class: name, probability, error: null });
      const classified = answer.results!.filter((result) => 'class' in result);
      assert.deepEqual(
        rows.map(({ index }) => index),
        classified.map(({ index }) => index),
      );
    }

    /** A chip that is not blank, as an input. */
    const chip = (id: string, at: number) => {
      const some = frames.filter((frame) => !blankFrames.includes(frame));
      return { id, bands: bandsOf(some[at]!) };
    };
    const bad = `{"id": "${name('bad')}", "inputs": [`;

    test('three messages of which one is bad: that one alone is a dead letter, and the others are answered', async () => {
      const { subject, stage } = at();
      const [Bucket, Key] = [stage.output('InboxBucket'), subject.key(`${own}/named by a request`)];
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: sceneOf(subject.unique('named'), 3, 5) }));
      const broken = { id: 'broken', bands: { ...bandsOf(frames[0]!), B4: 'AAAA' } };
      const inputs = [chip('a', 0), broken, chip('b', 1), { id: 'file', s3: `s3://${Bucket}/${Key}` }];
      await ask({ id: name('one'), inputs });
      await send(bad);
      await ask({ id: name('two'), inputs: [chip('c', 2)] });

      const found = await answers(2);
      const [one, two] = [found.get(name('one'))!, found.get(name('two'))!];
      assert.deepEqual([one.inputs, one.errors, two.inputs, two.errors], [4, 1, 1, 0]);
      assert.match(String(one.results?.[1]?.error), /^inputs\[1\]\.bands: band B4: found 3 bytes/);
      assert.partialDeepStrictEqual(one.results?.[3], { id: 'file', state: 'DONE', chips: 3, error: null });
      for (const [answer, chips] of [
        [one, 2],
        [two, 1],
      ] as const) {
        const rows = await rowsOf(answer.id);
        assert.partialDeepStrictEqual(rows, [{ state: 'DONE', chips, attempt: 1, isOfBatch: true }]);
        await assertKept(answer);
      }
      const [letter] = await deadLetters(1);
      assert.equal(letter?.body, bad);
      assert.match(String(letter?.reason), /^The request cannot be taken: /);
    });

    test('a repeated request is answered again, and nothing is doubled', async () => {
      const request = { id: name('twice'), inputs: [chip('d', 3), chip('e', 4)] };
      await ask(request);
      const first = (await answers(1)).get(request.id)!;
      const [rows, predictions] = [await rowsOf(request.id), await predictionsOf(first)];
      assert.equal(predictions.length, 2);
      await ask(request);
      assert.deepEqual((await answers(1)).get(request.id), first);
      assert.deepEqual([await rowsOf(request.id), await predictionsOf(first)], [rows, predictions]);
    });

    test('an unknown model, an id with other bytes, and a queue of another account are dead letters', async () => {
      const inputs = [chip('f', 5)];
      const theirs = replyTo.replace(/\/\d{12}\//, '/111122223333/');
      const sent = [
        { id: name('model'), model: 'nobody', replyTo, inputs },
        { id: name('twice'), replyTo, inputs },
        { id: name('theirs'), replyTo: theirs, inputs },
      ].map((request) => JSON.stringify(request));
      for (const body of sent) await send(body);
      const letters = await deadLetters(4);
      assert.deepEqual(letters.map(({ body }) => body).toSorted(), [bad, ...sent].toSorted());
      const reasonOf = (id: string) => String(letters.find(({ body }) => body.includes(`"id":"${name(id)}"`))?.reason);
      assert.match(reasonOf('model'), /No version of the model nobody is promoted/);
      assert.match(reasonOf('twice'), /there is one of this id with other bytes/);
      assert.match(reasonOf('theirs'), /replyTo: found .*, allowed is a queue under/);
    });

    test(`a request of ${MAX_QUEUE_MESSAGE_BYTES} bytes is taken; a longer one is a dead letter, and one of more than 1 MiB is not sent`, async () => {
      const padded = (id: string, bytes: number) => {
        const inputs = [6, 7, 8, 9].map((at) => chip(`${at}`, at));
        const request = (none: string) =>
          JSON.stringify({ id: name(id), replyTo, inputs: [...inputs, { bands: { none } }] });
        return request('A'.repeat(bytes - request('').length));
      };
      await send(padded('longest', MAX_QUEUE_MESSAGE_BYTES));
      const answer = (await answers(1)).get(name('longest'))!;
      assert.deepEqual([answer.inputs, answer.errors], [5, 1]); // the last one fills it up
      await assertKept(answer);
      await send(padded('long', MAX_QUEUE_MESSAGE_BYTES + 1));
      const letters = await deadLetters(5);
      const long = letters.find(({ body }) => body.length > MAX_QUEUE_MESSAGE_BYTES);
      assert.match(String(long?.reason), /has 262145 bytes, allowed are at most 262144/);
      await assert.rejects(send(padded('refused', QUEUE_BYTES + 1)), /shorter than 1048576 bytes/);
    });

    describe('by the command line', () => {
      test('swath request sends one and says its answer, and swath runs shows it', async () => {
        const { stage, swath } = at();
        const id = name('cli');
        const path = join(folder, 'r.json');
        writeFileSync(path, JSON.stringify({ id, inputs: [chip('g', 10), { id: 'h', values: [1] }] }));
        const ended = await swath('request', path, '--stage', stage.name, '--json');
        assert.deepEqual([ended.code, ended.stderr], [1, ''], ended.stdout); // one of its inputs has an error
        const [answer] = jsonLines<Answer>(ended);
        assert.partialDeepStrictEqual(answer, { id, inputs: 2, errors: 1 });
        await assertKept(answer!);
        const listed = await swath('runs', '--stage', stage.name, '--json');
        assert.equal(listed.code, 0, listed.stderr);
        const row = jsonLines<{ file: string }>(listed).find(({ file }) => file === `requests/${id}.json`);
        assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 1, refused: { count: 1 } });
      });

      test('swath forget removes it in all versions, and its ids from what was predicted', async () => {
        const { stage, swath } = at();
        const request = { id: name('forgotten'), inputs: [chip('i', 11)] };
        await ask(request);
        const answer = (await answers(1)).get(request.id)!;
        assert.equal((await predictionsOf(answer)).length, 1);
        const early = await swath('forget', '--request', request.id, '--stage', stage.name);
        assert.deepEqual([early.code, /is still being worked on/.test(early.stderr)], [1, true], early.stderr);
        const Bucket = stage.output('ResultsBucket');
        const forgetRequest = makeForgetRequest({
          ledger: makeLedger(stage.tables, stage.output('LedgerTable')),
          models: makeModels(bucketOf(stage.output('ModelsBucket'), s3).read, 'spam'),
          findObject: findObjectBy(s3),
          resultsBucket: Bucket,
          inboxBucket: stage.output('InboxBucket'),
          inboxPrefix: '',
          objects: { ...bucketOf(Bucket, s3), removeVersion: removeVersionFrom(Bucket, s3) },
          listVersions: listVersionsIn(Bucket, s3),
          now: () => new Date(Date.now() + 3_600_000),
        });
        assert.partialDeepStrictEqual(await forgetRequest(request.id), {
          request: request.id,
          runs: 1,
          predictions: 1,
        });
        assert.deepEqual(await predictionsOf(answer), []);
        const keys = answer.files.map((file) => file.slice(`s3://${Bucket}/`.length));
        const versionsOf = async (Prefix: string) => {
          const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
          return Versions.length;
        };
        assert.deepEqual(await Promise.all(keys.map(versionsOf)), [1, 0]);
        assert.equal((await swath('forget', '--request', request.id, '--stage', stage.name)).code, 2);
      });

      test('swath redrive sends dead requests back, which become dead letters again, and starts an event among them', async () => {
        const { subject, stage, swath } = at();
        const dead = await deadLetters(await lengthOf(deadQueue()));
        const scene = await subject.stack.putSilently(
          subject.key(`${own}/dead`),
          sceneOf(subject.unique('dead among requests'), 2),
        );
        const event = { version: '0', id: randomUUID(), 'detail-type': 'Object Created', ...sceneInput(scene) };
        await sqs.send(new SendMessageCommand({ QueueUrl: deadQueue(), MessageBody: JSON.stringify(event) }));
        const ended = await swath('redrive', '--stage', stage.name, '--json');
        assert.equal(ended.code, 0, ended.stderr);
        assert.deepEqual(
          jsonLines<{ outcome: string }>(ended).map(({ outcome }) => outcome),
          [event, ...dead].map(() => 'put back'),
        );
        assert.partialDeepStrictEqual(await subject.settled(scene), { state: 'DONE', attempt: 1, chips: 2 });
        const bodies = (letters: { body: string }[]) => letters.map(({ body }) => body).toSorted();
        assert.deepEqual(bodies(await deadLetters(dead.length)), bodies(dead));
      });
    });
  });
}
