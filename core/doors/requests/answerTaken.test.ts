import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MODEL, makeBench, sceneOf } from '../../../test/benches/batch.ts';
import { ObjectNotFound } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import { type AnswerPorts, type Made, makeAnswersTaken, makeAnswerTaken } from './answerTaken.ts';
import { encodeRequest, parseRequest } from './request.ts';
import type { Taken } from './taken.ts';

const COUNT = 150;

describe('the answers to requests that were classified in one batch', async () => {
  const bench = await makeBench();
  const model = await bench.ports.models.load(MODEL);
  const ids = Array.from({ length: COUNT }, (_, i) => `r-${i}`);
  const values = (value: number) => ['A', 'B'].map(() => [0, 1].map(() => [value, value]));
  const objects = new Map(
    ids.map((id, i) => {
      const request = parseRequest(JSON.stringify({ id, inputs: [{ id: `input ${i}`, values: values(2 + i) }] }));
      return [requestKey(id), encodeRequest(request)];
    }),
  );
  await bench.classify(bench.batchOf(Object.fromEntries(objects)));
  const { bucket, versionId } = sceneOf(requestKey('r-0'));
  const taken = (id: string): Taken => ({ id, model: MODEL, inline: versionId, files: [], missing: [], forbidden: [] });

  /** What is read for them, and what each is told. */
  async function answer(those: readonly string[], more: Partial<AnswerPorts> = {}) {
    const read: string[] = [];
    const ports: AnswerPorts = {
      ledger: bench.ledger,
      models: bench.ports.models,
      sceneLimits: SCENE_LIMITS,
      resultsBucket: bucket,
      inboxBucket: 'inbox',
      inboxPrefix: '',
      readResult: async (key) => {
        read.push(key);
        const found = objects.get(key) ?? bench.results.get(key)?.bytes;
        if (found === undefined) throw new ObjectNotFound(key);
        return found;
      },
      ...more,
    };
    const told = new Map<string, Made | null | Error>();
    bench.requests.length = 0;
    await makeAnswersTaken(ports)(
      those.map((id) => ({ taken: taken(id), isDue: false })),
      async (one, make) => {
        assert.ok(!told.has(one.taken.id), 'nobody is told twice');
        told.set(one.taken.id, await make().catch((error: Error) => error));
      },
    );
    return { read, told, tables: [...bench.requests] };
  }

  test('are correct for each request, and the file they share is read once', async () => {
    const { read, told, tables } = await answer(ids);
    for (const [i, id] of ids.entries()) {
      const made = told.get(id) as Made;
      assert.partialDeepStrictEqual(made.answer, { id, errors: 0, inputs: 1 });
      assert.partialDeepStrictEqual(made.answer.results?.[0], {
        id: `input ${i}`,
        label: model.classes[(2 + i) % 4]!.value,
      });
    }
    const files = read.filter((key) => key.startsWith('predictions/'));
    assert.deepEqual([read.length, files.length], [COUNT + 1, 1]);
    assert.deepEqual(tables, ['BatchGet', 'BatchGet']);
  });

  test('are made one by one for who asks for one', async () => {
    const answerTaken = makeAnswerTaken({
      ledger: bench.ledger,
      models: bench.ports.models,
      sceneLimits: SCENE_LIMITS,
      resultsBucket: bucket,
      inboxBucket: 'inbox',
      inboxPrefix: '',
      readResult: async (key) => objects.get(key) ?? bench.results.get(key)!.bytes,
    });
    assert.equal(await answerTaken(taken('new')), null);
    const { request, answer: found } = (await answerTaken(taken('r-3')))!;
    assert.deepEqual([request.id, found.id, found.errors], ['r-3', 'r-3', 0]);
    assert.equal(found.files.at(-1), `s3://${bucket}/${requestKey('r-3')}`);
  });

  test('are null until the requests have ended, and no object is read for those', async () => {
    const { read, told, tables } = await answer(['new-1', 'new-2']);
    assert.deepEqual([...told.values()], [null, null]);
    assert.deepEqual([read, tables], [[], ['BatchGet']]);
  });

  test('are still made for the others if one request is gone', async () => {
    const kept = objects.get(requestKey('r-1'))!;
    objects.delete(requestKey('r-1'));
    const { told } = await answer(['r-0', 'r-1', 'r-2']);
    objects.set(requestKey('r-1'), kept);
    assert.ok(told.get('r-1') instanceof ObjectNotFound);
    for (const id of ['r-0', 'r-2']) assert.equal((told.get(id) as Made).answer.errors, 0);
  });

  test('all fail if the ledger fails', async () => {
    const { told } = await answer(['r-0', 'r-1'], {
      ledger: { rowsOf: async () => Promise.reject(new Error('busy')) },
    });
    assert.deepEqual(
      [...told.values()].map((error) => (error as Error).message),
      ['busy', 'busy'],
    );
  });
});
