import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ObjectNotFound } from '../../core/base/errors.ts';
import type { LogFields } from '../../core/base/step.ts';
import { type Answered, encodeAnswered } from '../../core/doors/answered/answered.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { makeGathers } from '../../test/benches/gathers.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { servingOf } from '../../test/benches/serving.ts';
import { type AnsweredPorts, makeAnswered } from './answered.ts';
import type { Refused } from './gather.ts';

const model = await readModelPackage(readBaselineFile);
const { name, version } = model;
const columns = ['label', 'class', 'probability', 'p_0', 'p_1', 'p_2', 'p_3'];
const values = [1, 'cows-1', 0.5, 0.25, 0.5, 0.125, 0.125];
const messageOf = (request: string, more: Partial<Answered> = {}): Answered => ({
  request,
  part: 0,
  model: { name, version },
  at: '2026-03-01T12:00:00.000Z',
  door: 'http',
  columns,
  inputs: [{ place: 0, id: null, digest: '0'.repeat(64), values }],
  ...more,
});

function makeBench(more: Partial<AnsweredPorts> = {}) {
  const { ports, ...gathers } = makeGathers('2026-03-01T23:59:59.000Z');
  const buried: string[] = [];
  const log: LogFields = {};
  const gather = makeAnswered({
    ...ports,
    models: {
      serving: servingOf({ name, version }),
      promotion: async () => null,
      load: async (ref) => {
        if (ref.name !== name) throw new ObjectNotFound(ref.name);
        return { ...model, ...ref };
      },
    },
    requestQueue: { url: '', send: async () => {}, bury: async (_body, reason) => void buried.push(reason) },
    now: () => new Date('2026-03-02T00:00:01.000Z'),
    filesPerBatch: 500,
    ...more,
  });
  const send = async (...messages: (Answered | string)[]) => {
    const records = messages.map((one, i) => ({
      messageId: `m${i}`,
      eventSourceARN: 'arn:aws:sqs:r:1:swath-dev-requests',
      body: typeof one === 'string' ? one : encodeAnswered(one),
    }));
    const refused: Refused = new Map();
    await gather(records, log, refused);
    return [...refused.keys()];
  };
  return { send, ...gathers, buried, log };
}

describe('answered predictions that are gathered', () => {
  test("are one object, whose batch starts once the object is complete; its day is the object's", async () => {
    const bench = makeBench();
    assert.deepEqual(await bench.send(messageOf('b'), messageOf('a'), messageOf('b')), []);
    assert.deepEqual(bench.happened, ['keep', 'manifest', 'row', 'start']);
    const [[key, bytes] = assert.fail()] = bench.objects;
    const lines = ['a', 'b'].map((id) => `${encodeAnswered(messageOf(id))}\n`);
    assert.equal(new TextDecoder().decode(bytes), lines.join(''));
    assert.deepEqual(bench.batches(), [{ keys: [key], day: '2026-03-01', model: { name, version } }]);
    assert.deepEqual([bench.log['answered'], bench.log['gathers']], [2, 1]);
  });

  test('that a shadow has seen are an object of their own, and have a prediction of it each', async () => {
    const bench = makeBench();
    const ofShadow = columns.map((column) => `shadow/9.9.9/${column}`);
    const inputs = [{ place: 0, id: null, digest: '0'.repeat(64), values: [...values, ...values] }];
    const seen = { columns: [...columns, ...ofShadow], inputs };
    await bench.send(messageOf('a', seen), messageOf('b'), messageOf('c', seen), messageOf('d'));
    const requestsIn = (bytes: Uint8Array) => new TextDecoder().decode(bytes).match(/(?<="request":")./g);
    assert.deepEqual([...bench.objects.values()].map(requestsIn), [
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  test('are the same object and the same batch, gathered again in another order; with others they are another one', async () => {
    const bench = makeBench();
    await bench.send(messageOf('a'), messageOf('b'));
    await bench.send(messageOf('b'), messageOf('a'), messageOf('a'));
    assert.deepEqual([bench.objects.size, bench.started.size], [1, 1]);
    await bench.send(messageOf('a'), messageOf('c'));
    assert.deepEqual([bench.objects.size, bench.started.size], [2, 2]);
  });

  test('are objects of their own where other versions have answered', async () => {
    const bench = makeBench();
    await bench.send(messageOf('a'), messageOf('b', { model: { name, version: '2.0.0' } }));
    const found = bench.batches().map((batch) => `${batch.model.version}: ${batch.keys.length}`);
    assert.deepEqual(found, [`${version}: 1`, '2.0.0: 1']);
  });

  test('are no more together than a scene file may have', async () => {
    const inputs = [0, 1].map((place) => ({ place, id: null, digest: '0'.repeat(64), values }));
    const sizesOf = async (maxChips: number, ids: string) => {
      const bench = makeBench({ sceneLimits: { maxFileBytes: 1e9, maxRecordBytes: 1e8, maxChips } });
      await bench.send(...[...ids].map((id) => messageOf(id, { inputs })));
      return [...bench.objects.values()].map((bytes) => new TextDecoder().decode(bytes).split('\n').length - 1).join();
    };
    assert.equal(await sizesOf(5, 'abcde'), '2,2,1');
    assert.equal(await sizesOf(4, 'abcd'), '2,2', 'as many as it may have');
    assert.equal(await sizesOf(1, 'ab'), '1,1', 'what is too much by itself comes alone');
    const small = makeBench({ bytesPerBatch: 2 * Buffer.byteLength(encodeAnswered(messageOf('a'))) + 2 });
    await small.send(...['a', 'b', 'c'].map((id) => messageOf(id)));
    assert.equal(small.objects.size, 2);
  });

  test('that can never be counted are dead letters with their reasons, and the others are counted', async () => {
    const bench = makeBench();
    const none = messageOf('none', { model: { name: 'nobody', version: '1.0.0' } });
    const wrong = messageOf('wrong', { columns: columns.map((one) => `${one}s`) });
    const other = messageOf('a', { at: '2026-03-01T13:00:00.000Z' });
    assert.deepEqual(await bench.send(messageOf('a'), none, wrong, '{"answered": {}}', other), []);
    assert.equal(bench.objects.size, 1);
    const reasons = bench.buried.map((reason) => reason.replace(/^.* cannot be counted: /, '')).sort();
    assert.equal(reasons.length, 4);
    assert.match(reasons[0]!, /^a message came with others for its part 0/);
    assert.match(reasons[1]!, /^answered\.request: “Invalid input/);
    assert.match(reasons[2]!, /^found no column “label, class,/);
    assert.match(reasons[3]!, /^the package of nobody 1\.0\.0 is/);
  });

  const refuse = () => Promise.reject(new Error('no'));
  for (const [what, more] of [
    ['cannot be kept', { objects: { readVersion: async () => null, replaceVersion: refuse } }],
    ['are not to be found', { findObject: async () => 'missing' as const }],
    ['have no manifest', { writeResult: refuse }],
    ['cannot be announced', { ledger: { announceBatch: refuse, knownOf: async () => new Set<string>() } }],
  ] as const)
    test(`come again where they ${what}, and nothing is started`, async () => {
      const bench = makeBench(more);
      assert.deepEqual(await bench.send(messageOf('a'), messageOf('b'), messageOf('a')), ['m0', 'm2', 'm1']);
      assert.equal(bench.started.size, 0);
    });
});
