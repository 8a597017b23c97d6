import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import {
  executionName,
  type ModelRef,
  runId,
  type SceneRef,
  sceneInput,
  UNASSIGNED,
} from '../../core/base/messages.ts';
import type { ListedScene } from '../../core/base/objectStore.ts';
import { logTo } from '../../core/base/step.ts';
import { notificationOf } from '../../core/doors/notifications/notification.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { makeGathers } from '../../test/benches/gathers.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { liveOf, servingOf } from '../../test/benches/serving.ts';
import { type CollectPorts, collectStep } from './collect.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-arrivals';
const ref: ModelRef = { name: 'm', version: '1.0.0' };
const model = await readModelPackage(readBaselineFile);
const chipBytes = model.source.bands.reduce((sum, { bytesPerChip }) => sum + bytesPerChip, 0);
const CHIPS = 4;

type Message = { id?: string; body: string; queue?: string };

const scene = (key: string, versionId = 'v1'): SceneRef => ({ bucket: 'inbox', key, versionId });
const asListed = (key: string, more: Partial<ListedScene> = {}): ListedScene => ({
  ...scene(key),
  lastModified: '2026-03-01T23:59:59.000Z',
  size: 100,
  etag: 'e',
  ...more,
});
const eventOf = (one: SceneRef, size = 100) => {
  const { detail, ...event } = sceneInput(one);
  return JSON.stringify({ ...event, detail: { ...detail, object: { ...detail.object, size } } });
};
const alone = (one: SceneRef) => executionName(runId(one, UNASSIGNED), 1);

/** The step over an inbox of these files, and what it has written and started by then. */
function makeBench(inbox: readonly ListedScene[] = [], more: Partial<CollectPorts> = {}) {
  const { ports, batches, happened, manifests, started } = makeGathers('');
  const asked: string[][] = [];
  const lines: Record<string, unknown>[] = [];
  logTo((line) => lines.push(JSON.parse(line)));
  const step = collectStep({
    models: { serving: servingOf(ref), load: async () => model },
    lookUpScenes: async (scenes) => {
      asked.push(scenes.map(({ key }) => key));
      const isMeant = (one: ListedScene) => scenes.some((s) => s.key === one.key && s.versionId === one.versionId);
      return inbox.filter(isMeant);
    },
    executions: ports.executions,
    writeResult: ports.writeResult,
    inboxBucket: 'inbox',
    inboxPrefix: '',
    bulkPrefix: 'bulk/',
    chipsPerPart: CHIPS,
    filesPerBatch: 3,
    bytesPerBatch: 1e9,
    ...more,
  });
  const send = async (...messages: (Message | string)[]) => {
    const Records = messages
      .map((one) => (typeof one === 'string' ? { body: one } : one))
      .map(({ id, body, queue = QUEUE }: Message, i) => ({ messageId: id ?? `m${i}`, body, eventSourceARN: queue }));
    const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
    const { batchItemFailures } = await step({ Records }, invocation);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { send, batches, happened, started, manifests, asked, lines };
}

const keysOf = (batches: readonly { keys: string[] }[]) => batches.map(({ keys }) => keys.join()).join(' ');
const bodies = (...keys: string[]) => keys.map((key) => eventOf(scene(key)));

logTo(() => {});

describe('small files that have arrived', () => {
  test('go into a manifest, and each batch of it is one execution, after the manifest was written', async () => {
    const keys = ['d', 'b', 'a', 'c'];
    const { send, batches, happened, manifests } = makeBench(keys.map((key) => asListed(key)));
    assert.deepEqual(await send(...bodies(...keys)), []);
    assert.equal(keysOf(batches()), 'a,b,c d');
    assert.deepEqual([happened, manifests.size], [['manifest', 'start', 'start'], 1]);
  });

  test('count for the UTC day of their LastModified, whenever their events come', async () => {
    const inbox = [asListed('a'), asListed('b', { lastModified: '2026-03-02T00:00:00.000Z' })];
    const { send, batches } = makeBench(inbox);
    await send(...bodies('a', 'b'));
    const days = batches().map(({ keys, day }) => `${day}: ${keys}`);
    assert.deepEqual(days, ['2026-03-01: a', '2026-03-02: b']);
  });

  test('are gathered once for each live model that takes them', async () => {
    const serving = liveOf({ model: ref }, { model: { name: 'south', version: '2.0.0' }, accepts: ['south/*'] });
    const models = { serving, load: async () => model };
    const { send, batches } = makeBench([asListed('north/a'), asListed('south/b')], { models });
    await send(...bodies('north/a', 'south/b'));
    const found = batches().map(({ keys, model: by }) => `${by.name}: ${keys}`);
    assert.deepEqual(found, ['m: north/a,south/b', 'south: south/b']);
  });

  test('whose messages come twice, together or later, are in one batch that is started once', async () => {
    const { send, batches, started } = makeBench([asListed('a'), asListed('b')]);
    assert.deepEqual(await send(...bodies('b', 'a', 'a')), []);
    assert.deepEqual(await send(...bodies('a', 'b')), [], 'its name is taken, so the messages are done with');
    assert.deepEqual([batches().map(({ keys }) => keys), started.size], [[['a', 'b']], 1]);
  });
});

describe("S3's own notifications", () => {
  const told = (key: string, size = 100) => JSON.stringify(notificationOf(scene(key), size));

  test('are gathered with events from EventBridge, and a file with both is one', async () => {
    const { send, batches } = makeBench(['a b', 'b'].map((key) => asListed(key)));
    assert.deepEqual(await send(told('a b'), eventOf(scene('b')), eventOf(scene('a b'))), []);
    assert.equal(keysOf(batches()), 'a b,b');
  });

  test('come of every object of a bucket: bulk files, folders and companions are done with, a marker starts its sweep', async () => {
    const { send, started } = makeBench();
    const marker = scene('bulk/north/_DONE');
    assert.deepEqual(await send(told('bulk/a'), told('north/', 0), told('a.txt'), told(marker.key, 0)), []);
    assert.deepEqual([...started], [[alone(marker), sceneInput(marker)]]);
  });

  test('begin with a message that is a test, and done with', async () => {
    const { send, started } = makeBench();
    assert.deepEqual(await send(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'inbox' })), []);
    assert.equal(started.size, 0);
  });
});

describe('a file gets its own execution', () => {
  const pixels = { ...model, output: { ...model.output, pixels: {} } } as ModelPackage;
  const largest = CHIPS * chipBytes;
  for (const [why, file, more] of [
    ['that has more bytes than the chips of a part', asListed('a', { size: largest + 1 })],
    ['that has more bytes than a batch', asListed('a', { size: 51 }), { bytesPerBatch: 50 }],
    ['that is a STAC Item', asListed('a.stac.json')],
    ['that no live model takes', asListed('a'), { models: { serving: servingOf(null), load: async () => model } }],
    ['of a model of pixels', asListed('a'), { models: { serving: servingOf(ref), load: async () => pixels } }],
    [
      'of a model whose package cannot be used',
      asListed('a'),
      { models: { serving: servingOf(ref), load: () => Promise.reject(new InvalidModelPackage('broken')) } },
    ],
    ['that no listing shows, as it is gone', asListed('other')],
  ] as [string, ListedScene, Partial<CollectPorts>?][])
    test(why, async () => {
      const { send, started, manifests } = makeBench([file], more);
      const own = file.key === 'other' ? scene('a') : scene(file.key);
      assert.deepEqual(await send(eventOf(own)), []);
      assert.deepEqual([...started], [[alone(own), sceneInput(own)]]);
      assert.equal(manifests.size, 0);
    });

  test('not where it is small, however small the chips are', async () => {
    const bands = model.source.bands.map((band) => ({ ...band, bytesPerChip: 4 }));
    const models = { serving: servingOf(ref), load: async () => ({ ...model, source: { ...model.source, bands } }) };
    const inbox = [asListed('a', { size: 65_536 }), asListed('b', { size: 65_537 })];
    const { send, batches, started } = makeBench(inbox, { models });
    await send(...bodies('a', 'b'));
    assert.deepEqual([batches()[0]?.keys, started.has(alone(scene('b')))], [['a'], true]);
  });

  test('only where it is too large by a byte', async () => {
    const { send, batches } = makeBench([asListed('a', { size: largest })]);
    await send(...bodies('a'));
    assert.deepEqual(batches()[0]?.keys, ['a']);
  });
});

describe('objects that are no scene files', () => {
  for (const [what, body] of [
    ['a folder', eventOf(scene('north/'), 0)],
    ['what comes beside scenes', eventOf(scene('north/a.txt'))],
    ["an Item's own files", eventOf(scene('north/a.assets/b.tif'))],
    ['a bulk file', eventOf(scene('bulk/a'))],
  ] as const)
    test(`${what} is done with, and nothing is asked for`, async () => {
      const { send, started, asked } = makeBench();
      assert.deepEqual([await send(body), started.size, asked], [[], 0, []]);
    });

  test('a folder whose event does not say how large it is, is known by the listing', async () => {
    const { send, started } = makeBench([asListed('north/', { size: 0 })]);
    assert.deepEqual([await send(JSON.stringify(sceneInput(scene('north/')))), started.size], [[], 0]);
  });

  test("a marker starts its folder's sweep, once", async () => {
    const { send, started } = makeBench();
    const marker = scene('bulk/north/_DONE');
    assert.deepEqual(await send(eventOf(marker), eventOf(marker)), []);
    assert.deepEqual([...started], [[alone(marker), sceneInput(marker)]]);
  });

  test('a canary starts an execution, by a name that no run has', async () => {
    const { send, started, asked } = makeBench();
    const canary = scene('swath-canary/x');
    assert.deepEqual(await send(eventOf(canary)), []);
    assert.deepEqual(asked, []);
    assert.deepEqual([...started], [[`canary-${runId(canary, UNASSIGNED)}`, sceneInput(canary)]]);
  });
});

describe('a message comes again, and the others are done with', () => {
  for (const [what, body, why] of [
    ['that is no JSON', '{', /It is no event of S3 \(the message: /],
    ['that is no event of S3', '{"source": "aws.macie"}', /It is no event of S3 \(source: .*\)/],
    ['that is no notification of S3', '{"Records": [{}]}', /It is not an S3 notification \(Records\.0\.eventSource: /],
    [
      'of which one record of two is not of the inbox',
      JSON.stringify({
        Records: ['inbox', 'another'].flatMap((bucket) => notificationOf({ ...scene('a'), bucket }, 100).Records),
      }),
      /It is of the bucket another/,
    ],
    [
      'of another bucket',
      eventOf({ ...scene('a'), bucket: 'another' }),
      /It is of the bucket another, allowed is the inbox, inbox\./,
    ],
  ] as const)
    test(what, async () => {
      const { send, batches, lines } = makeBench([asListed('good')]);
      assert.deepEqual(await send({ id: 'bad', body }, { id: 'good', body: eventOf(scene('good')) }), ['bad']);
      assert.deepEqual(batches()[0]?.keys, ['good']);
      assert.partialDeepStrictEqual(lines[0], { refused: 1, why: [{ messageId: 'bad' }] });
      assert.match(JSON.stringify(lines[0]?.['why']), why);
    });

  test('whose key does not begin as the inbox does', async () => {
    const { send, started } = makeBench([], { inboxPrefix: 'scenes/' });
    assert.deepEqual([await send(...bodies('other/a')), started.size], [['m0'], 0]);
  });

  test('if one message is retried, the others of each queue are handed on', async () => {
    const trouble = { is: false };
    const buried: string[] = [];
    const takenBy = (queue: string) => ({
      models: { serving: servingOf(ref), promotion: async () => null, load: async () => model },
      requestQueue: {
        url: '',
        send: async () => {},
        bury: async (_body: string, reason: string) => {
          if (trouble.is) throw new Error('Rate exceeded');
          buried.push(`${queue}: ${reason.split(' ').slice(0, 3).join(' ')}`);
        },
      },
      executions: { arnOf: String, start: async () => 'started' },
      ledger: {},
      objects: {},
      now: () => new Date(0),
      sceneLimits: {},
    });
    const { send, lines } = makeBench([], { requests: takenBy('requests'), counts: takenBy('counts') } as never);
    const of = (queue: string, body: object) => ({
      queue: QUEUE.replace('arrivals', queue),
      body: JSON.stringify(body),
    });
    const [request, answered, truth] = [
      of('requests', { inputs: 0 }),
      of('counts', { answered: 0 }),
      of('counts', { truth: 0 }),
    ];
    assert.deepEqual(await send(request, answered, truth), []);
    assert.deepEqual(buried, [
      'requests: The request cannot',
      'counts: Answered predictions cannot',
      'counts: Truths cannot be',
    ]);
    assert.partialDeepStrictEqual(lines[0], { requests: 0, answered: 0, truths: 0, refused: 0 });
    trouble.is = true;
    assert.deepEqual(await send(request, answered, truth), ['m0', 'm1', 'm2']);
    assert.deepEqual([await send(answered), await send(truth)], [['m0'], ['m0']]);
    assert.deepEqual(
      lines.slice(2).map((line) => ['answered', 'truths'].filter((field) => field in line)),
      [['answered'], ['truths']],
    );
    assert.deepEqual(await send({ ...truth, queue: QUEUE.replace('arrivals', 'undefined') }), ['m0']);
    assert.match(JSON.stringify(lines.at(-1)), /allowed are those whose names end with: arrivals, requests, counts\./);
  });

  test('of many, whose log line says why of twenty', async () => {
    const { send, lines } = makeBench();
    assert.equal((await send(...Array<string>(25).fill('{'))).length, 25);
    assert.equal(Object.keys(Object(lines[0]?.['why'])).length, 20);
  });

  test('if a queue is unknown, its messages are refused', async () => {
    const { send, started } = makeBench([asListed('a')]);
    const queue = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-others';
    assert.deepEqual([await send({ body: eventOf(scene('a')), queue }), started.size], [['m0'], 0]);
  });

  test('whose execution could not be started: each file of that batch, and of no other one', async () => {
    const keys = ['a', 'b', 'c', 'd'];
    let starts = 0;
    const start = async () => {
      starts += 1;
      if (starts === 1) throw new Error('Rate exceeded');
      return 'started' as const;
    };
    const { send, lines } = makeBench(
      keys.map((key) => asListed(key)),
      { executions: { start } },
    );
    const messages = keys.map((key) => ({ id: `of ${key}`, body: eventOf(scene(key)) }));
    assert.deepEqual((await send(...messages)).sort(), ['of a', 'of b', 'of c']);
    assert.partialDeepStrictEqual(lines[0], { refused: 3, batches: 2 });
  });
});

test('all messages come again where the manifest could not be written, and no batch is started', async () => {
  const { send, started } = makeBench([asListed('a')], { writeResult: () => Promise.reject(new Error('no room')) });
  await assert.rejects(send(...bodies('a')), /no room/);
  assert.equal(started.size, 0);
});

test('the files of one call are looked up together', async () => {
  const { send, asked } = makeBench([asListed('a'), asListed('b')]);
  await send(...bodies('b', 'a', 'b'));
  assert.deepEqual(asked, [['b', 'a']]);
});
