import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { executionName, type ModelRef, runId, sceneId, sceneInput } from '../../core/base/messages.ts';
import type { ListedScene } from '../../core/base/objectStore.ts';
import { type LogFields, logTo } from '../../core/base/step.ts';
import type { Answer } from '../../core/doors/requests/answer.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { makeGathers } from '../../test/benches/gathers.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { servingOf } from '../../test/benches/serving.ts';
import type { Refused } from './gather.ts';
import { makeRequests, type RequestsPorts } from './requests.ts';

const BASE = 'https://sqs.us-east-1.amazonaws.com/123456789012';
const QUEUE = `${BASE}/swath-dev-requests`;
const REPLY = `${BASE}/answers`;
const DAY = 86_400_000;
const START = Date.parse('2026-03-01T12:00:00.000Z');
const ref: ModelRef = { name: 'm', version: '1.0.0' };
const model: ModelPackage = { ...(await readModelPackage(readBaselineFile)), ...ref };

type Sent = { to: string; body: string; delay: number };

/** Requests before an inbox of these files, and what has come of them. */
function makeBench(inbox: readonly ListedScene[] = [], more: Partial<RequestsPorts> = {}) {
  const { ports, batches, objects, happened, started, known } = makeGathers('2026-03-01T11:00:00.000Z');
  const sent: Sent[] = [];
  const buried: { body: string; reason: string }[] = [];
  const rows = new Map<string, LedgerRow>();
  const clock = { now: START };
  const forbidden = new Set<string>();
  const claims: unknown[] = [];
  const gather = makeRequests({
    ...ports,
    models: {
      serving: servingOf(ref),
      promotion: async (name = 'm') => (name === 'm' ? ({ name, version: ref.version } as never) : null),
      load: async () => model,
    },
    findObject: async (scene) => {
      const { key, versionId } = scene;
      if (forbidden.has(key)) return 'forbidden';
      if (scene.bucket === 'results') return ports.findObject(scene);
      return inbox.find((one) => one.key === key && (versionId ?? one.versionId) === one.versionId) ?? 'missing';
    },
    readResult: async (key) => objects.get(key)!,
    ledger: {
      ...ports.ledger,
      announceRun: async ({ scene, model, execution, fixed, attemptLimit, now, leaseSeconds }) => {
        assert.ok(!started.has(executionName(runId(scene, model), 1)));
        claims.push({ scene, model, execution, fixed, attemptLimit, now, leaseSeconds });
      },
      rowsOf: async (scenes) =>
        new Map(scenes.flatMap((scene) => (rows.has(scene.key) ? [[sceneId(scene), rows.get(scene.key)!]] : []))),
    },
    requestQueue: {
      url: QUEUE,
      send: async (to, body, delay) => {
        happened.push(to === QUEUE ? 'note' : 'answer');
        sent.push({ to, body, delay });
      },
      bury: async (body, reason) => {
        buried.push({ body, reason });
      },
    },
    now: () => new Date(clock.now),
    inboxBucket: 'inbox',
    inboxPrefix: '',
    replyQueues: 'answers*',
    attemptLimit: 3,
    chipsPerPart: 4,
    filesPerBatch: 3,
    ...more,
  });
  const log: LogFields = {};
  const send = async (...bodies: (object | string)[]) => {
    const records = bodies.map((body, i) => ({
      messageId: `m${i}`,
      eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:swath-dev-requests',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }));
    const refused: Refused = new Map();
    await gather(records, log, refused);
    return [...refused.keys()];
  };
  const keysOf = () => batches().map(({ keys }) => keys);
  return {
    send,
    batches: keysOf,
    objects,
    happened,
    started,
    known,
    sent,
    buried,
    rows,
    clock,
    forbidden,
    claims,
    log,
  };
}

const inline = { bands: { B1: 'AAAA' } };
const listed = (key: string, size = 100): ListedScene => ({
  bucket: 'inbox',
  key,
  versionId: 'v1',
  size,
  lastModified: '2026-03-01T10:00:00.000Z',
});
const invalid = (key: string): LedgerRow =>
  ({
    scene: { bucket: 'results', key, versionId: 'v1' },
    model: ref,
    run: 'r',
    state: 'INVALID',
    attempt: 1,
    error: { name: 'InvalidSceneFile', message: 'none can be read', step: 'Batch' },
  }) as unknown as LedgerRow;

logTo(() => {});

describe('requests', () => {
  test('are kept before anything else, go into batches together, and leave a note where an answer is wanted', async () => {
    const { send, batches, happened, sent, log } = makeBench();
    assert.deepEqual(await send({ id: 'a', inputs: [inline], replyTo: REPLY }, { id: 'b', inputs: [inline] }), []);
    assert.deepEqual(log, { requests: 2, buried: 0, answered: 0 });
    assert.deepEqual(happened, ['keep', 'keep', 'manifest', 'row', 'start', 'note']);
    assert.deepEqual(batches(), [['requests/a.json', 'requests/b.json']]);
    assert.deepEqual([sent.length, sent[0]!.to, sent[0]!.delay > 0], [1, QUEUE, true]);
  });

  test('are kept with the features that they had, and come twice although these are others by now', async () => {
    let income = 1;
    const read = async () =>
      new Map([['c', { id: 'c', time: '2026-03-01T00:00:00.000Z', version: 1, values: { B1: income } }]]);
    const withFeatures = { ...model, features: { name: 'customers', id: 'id', eventTime: 'event_time' } };
    const models = { serving: servingOf(ref), promotion: async () => null, load: async () => withFeatures };
    const { send, objects, batches, buried } = makeBench([], { features: { read }, models });
    const request = { id: 'a', inputs: [{ features: { id: 'c' } }, inline] };
    assert.deepEqual(await send(request), []);
    income = 2;
    assert.deepEqual(await send(request), []);
    await send({ ...request, inputs: [{ features: { id: 'd' } }, inline] });
    assert.match(String(buried[0]?.reason), /there is one of this id with other bytes/);
    const { inputs } = JSON.parse(Buffer.from(objects.get('requests/a.json')!).toString());
    assert.deepEqual(inputs[0].found, { records: [['c', '2026-03-01T00:00:00.000Z', '1']], values: { B1: 1 } });
    assert.deepEqual(batches(), [['requests/a.json']]);
  });

  test('that come again open no batch where each has a run that is known, but do for one whose run has failed', async () => {
    const { send, happened, known } = makeBench();
    const both = ['a', 'b'].map((id) => ({ id, inputs: [inline], replyTo: REPLY }));
    await send(...both);
    known.add('requests/a.json');
    happened.splice(0);
    await send(...both);
    assert.deepEqual(
      happened,
      ['manifest', 'row', 'start', 'note'].filter((one) => happened.includes(one)),
    );
    assert.ok(happened.includes('row'));
    known.add('requests/b.json');
    happened.splice(0);
    await send(...both);
    assert.deepEqual(happened, ['manifest', 'note']);
  });

  test('that come twice are one', async () => {
    const { send, batches, started } = makeBench();
    const request = { id: 'a', inputs: [inline] };
    assert.deepEqual(await send(request, request), []);
    assert.deepEqual(await send(request), []);
    assert.deepEqual([batches(), started.size], [[['requests/a.json']], 1]);
  });

  for (const [what, body, reason] of [
    ['is no JSON', 'hello', /^The request cannot be taken: found a text that starts with “hello”/],
    ['is too long', `"${'x'.repeat(262_144)}"`, /^The request has 262146 bytes, allowed are at most 262144/],
    ['has no inputs', '{"id": "a", "inputs": []}', /inputs: found a list of 0/],
    [
      'names a model that is not there',
      { id: 'a', model: 'other', inputs: [inline] },
      /model: No version of the model other is promoted/,
    ],
    [
      'has an answer sent to somebody else',
      { id: 'a', inputs: [inline], replyTo: QUEUE.replace('1234', '9999') },
      /^The request a cannot be taken: replyTo: /,
    ],
    ['is a note that was tampered with', '{"answers": [{"id": "a"}]}', /found the members “answers”/],
  ] as const)
    test(`one that ${what} is a dead letter with its reason, and nothing is kept of it`, async () => {
      const { send, buried, objects, started, log } = makeBench();
      assert.deepEqual(await send(body), []);
      assert.equal(log['buried'], 1);
      assert.deepEqual([buried.length, objects.size, started.size], [1, 0, 0]);
      assert.match(buried[0]!.reason, reason);
      assert.equal(buried[0]!.body, typeof body === 'string' ? body : JSON.stringify(body));
    });

  test('a request for an unpublished version is a dead letter; it is retried if the models cannot be read', async () => {
    let error: Error = new ObjectNotFound('item.json');
    const models = { serving: servingOf(ref), promotion: async () => null, load: () => Promise.reject(error) };
    const { send, buried } = makeBench([], { models });
    const request = { id: 'a', model: 'm/9.9', inputs: [inline] };
    assert.deepEqual(await send(request), []);
    assert.match(
      buried[0]!.reason,
      /^The request a cannot be taken: model: m 9\.9: item\.json\. Allowed is a published/,
    );
    error = new Error('no bucket');
    assert.deepEqual([await send(request), buried.length], [['m0'], 1]);
  });

  test('another one of the same id is a dead letter, and the first stays', async () => {
    const { send, buried, objects } = makeBench();
    await send({ id: 'a', inputs: [inline] });
    const before = objects.get('requests/a.json');
    await send({ id: 'a', inputs: [inline, inline] });
    assert.match(buried[0]!.reason, /there is one of this id with other bytes/);
    assert.equal(objects.get('requests/a.json'), before);
  });

  test('one that cannot be buried comes again, and the others do not', async () => {
    const requestQueue = { url: QUEUE, send: async () => {}, bury: () => Promise.reject(new Error('busy')) };
    const { send, batches } = makeBench([], { requestQueue });
    assert.deepEqual(await send('hello', { id: 'a', inputs: [inline] }), ['m0']);
    assert.deepEqual(batches(), [['requests/a.json']]);
  });

  test('whose batch cannot be started come again, without a note', async () => {
    const executions = { start: () => Promise.reject(new Error('busy')), arnOf: (name: string) => `arn:${name}` };
    const { send, sent } = makeBench([], { executions });
    assert.deepEqual(await send({ id: 'a', inputs: [inline], replyTo: REPLY }), ['m0']);
    assert.deepEqual(sent, []);
  });

  test('that are larger than a file of a batch may be go into a batch none the less', async () => {
    const { send, batches, objects } = makeBench([], { bytesPerBatch: 50 });
    await send({ id: 'a', inputs: [inline, inline] });
    assert.ok(objects.get('requests/a.json')!.length > 50);
    assert.deepEqual(batches(), [['requests/a.json']]);
  });

  test('whose note cannot be left come again', async () => {
    const requestQueue = { url: QUEUE, send: () => Promise.reject(new Error('busy')), bury: async () => {} };
    const { send } = makeBench([], { requestQueue });
    assert.deepEqual(await send({ id: 'a', inputs: [inline], replyTo: REPLY }), ['m0']);
  });
});

test('a hundred requests look up the live models once, and are stored, noted and started in as few calls', async () => {
  let asked = 0;
  const models = {
    serving: async () => {
      asked += 1;
      return servingOf(ref)();
    },
    promotion: async () => assert.fail('none names a model'),
    load: async () => model,
  };
  const { send, happened } = makeBench([], { models, filesPerBatch: 100 });
  await send(...Array.from({ length: 100 }, (_, i) => ({ id: `r${i}`, inputs: [inline], replyTo: REPLY })));
  const counts = Object.fromEntries(
    Object.entries(Object.groupBy(happened, (what) => what)).map(([what, all]) => [what, all?.length]),
  );
  assert.deepEqual({ asked, ...counts }, { asked: 1, keep: 100, manifest: 1, row: 1, start: 1, note: 5 });
});

describe('scene files that a request names', () => {
  const s3 = (key: string) => ({ s3: `s3://inbox/${key}` });

  test('are in its batch; one that is too large gets its own execution, with the same model', async () => {
    const large = listed('large', 1e8);
    const { send, batches, started, objects, claims } = makeBench([listed('small'), large]);
    await send({ id: 'a', model: 'm', inputs: [s3('small'), s3('large'), s3('small')] });
    assert.deepEqual(batches(), [['small']]);
    const scene = { bucket: 'inbox', key: 'large', versionId: 'v1' };
    assert.deepEqual(started.get(executionName(runId(scene, ref), 1)), sceneInput(scene, ref));
    const execution = `arn:${executionName(runId(scene, ref), 1)}`;
    const about = { fixed: { day: '2026-03-01' }, attemptLimit: 3, now: new Date(START), leaseSeconds: 900 };
    assert.partialDeepStrictEqual(claims, [{ scene, model: ref, execution, ...about }]);
    assert.ok(objects.has('requests/a.json'), 'the request is kept, though there is nothing to be read in it');
  });

  test('come again with their request where an execution of their own cannot be started', async () => {
    const executions = { start: () => Promise.reject(new Error('busy')), arnOf: (name: string) => `arn:${name}` };
    const { send } = makeBench([listed('large', 1e8)], { executions });
    assert.deepEqual(await send({ id: 'a', inputs: [s3('large')] }, 'hello'), ['m0']);
  });

  test('all have executions of their own, and so has the request, where a model makes maps', async () => {
    const pixels = { ...model, output: { ...model.output, pixels: {} } } as ModelPackage;
    const models = { serving: servingOf(ref), promotion: async () => null, load: async () => pixels };
    const { send, batches, started } = makeBench([listed('small')], { models });
    await send({ id: 'a', inputs: [inline, s3('small')] });
    assert.deepEqual([batches(), started.size], [[], 2]);
  });

  test('that are missing or may not be read have an error each, and the others are classified', async () => {
    const { send, sent, rows, forbidden, batches } = makeBench([listed('there')]);
    forbidden.add('theirs');
    const inputs = [s3('there'), s3('gone'), s3('theirs'), { ...s3('there'), versionId: 'v0' }];
    await send({ id: 'a', inputs, replyTo: REPLY });
    assert.deepEqual(batches(), [['there']]);
    rows.set('there', { ...invalid('there'), scene: { bucket: 'inbox', key: 'there', versionId: 'v1' } });
    await send(sent[0]!.body);
    const { results } = JSON.parse(sent[1]!.body) as Answer;
    const errors = results?.map(({ error }) => error);
    assert.deepEqual(errors, [
      'none can be read',
      'inputs[1].s3: found “s3://inbox/gone”, which is not there; allowed are files that lie in the inbox',
      'inputs[2].s3: found “s3://inbox/theirs”, which the service may not read; see the policy of the bucket',
      'inputs[3].s3: found “s3://inbox/there”, version “v0”, which is not there; allowed are files that lie in the inbox',
    ]);
  });
});

describe('an answer', () => {
  const request = { id: 'a', inputs: [inline], replyTo: REPLY };

  test('is looked for again, later each time, until all runs have ended; then it is sent, once', async () => {
    const { send, sent, rows, log } = makeBench();
    await send(request);
    for (let i = 0; i < 8; i += 1) await send(sent.at(-1)!.body);
    assert.equal(sent.map(({ delay }) => delay).join(), '5,10,20,40,80,160,300,300,300');
    rows.set('requests/a.json', invalid('requests/a.json'));
    assert.deepEqual(await send(sent.at(-1)!.body), []);
    assert.equal(log['answered'], 1);
    const { to, body } = sent.at(-1)!;
    assert.equal(to, REPLY);
    assert.partialDeepStrictEqual(JSON.parse(body), { id: 'a', model: 'm', version: '1.0.0', inputs: 1, errors: 1 });
  });

  test('has one note, even if a killed worker left two: both become visible at the same times, and are handled as one', async () => {
    const { send, sent, clock } = makeBench();
    await send(request);
    const note = sent.splice(0)[0]!.body;
    const long = JSON.stringify({ ...JSON.parse(note), delaySeconds: 300 });
    for (const [seconds, delay] of [
      [-60, 300], // the clock was set back
      [300, 300],
      [310, 290],
      [440, 160],
      [460, 440],
    ] as const) {
      clock.now = Date.parse(JSON.parse(note).since) + seconds * 1000;
      await send(long, long);
      const [left, ...more] = sent.splice(0);
      assert.deepEqual([left!.delay, more], [delay, []]);
    }
  });

  describe('that is due with others of one note', () => {
    const others = ['a', 'b', 'c'].map((id) => ({ ...request, id }));
    const idsIn = (body: string) => (JSON.parse(body) as { answers: { id: string }[] }).answers.map(({ id }) => id);

    /** Their runs have ended, and the queue of answers is busy whenever it is sent that of b. */
    async function endedWithBusyQueue() {
      const notes: string[] = [];
      const answered: string[] = [];
      const sendTo = async (to: string, body: string) => {
        if (to === QUEUE) return void notes.push(body);
        const { id } = JSON.parse(body) as Answer;
        if (id === 'b') throw Object.assign(new Error('busy'), { $fault: 'server' });
        answered.push(id);
      };
      const { send, rows } = makeBench([], { requestQueue: { url: QUEUE, send: sendTo, bury: async () => {} } });
      await send(...others);
      for (const { id } of others) rows.set(`requests/${id}.json`, invalid(`requests/${id}.json`));
      return { send, notes, answered };
    }

    test('is sent when its own runs have ended, and the others stay in a note', async () => {
      const { send, sent, rows } = makeBench();
      await send(...others);
      const [note, ...more] = sent.splice(0);
      assert.deepEqual([idsIn(note!.body), more], [['a', 'b', 'c'], []]);
      rows.set('requests/b.json', invalid('requests/b.json'));
      assert.deepEqual(await send(note!.body), []);
      const [reply, rest, ...following] = sent;
      assert.deepEqual([reply!.to, JSON.parse(reply!.body).id], [REPLY, 'b']);
      assert.deepEqual([idsIn(rest!.body), rest!.delay, following], [['a', 'c'], 10, []]);
    });

    test('does not have them sent twice where it is in trouble; once it is alone, its note comes again by the queue', async () => {
      const { send, notes, answered } = await endedWithBusyQueue();
      assert.deepEqual(await send(notes.pop()!), []);
      assert.deepEqual([answered, notes.map(idsIn)], [['a', 'c'], [['b']]]);
      assert.deepEqual(await send(notes.pop()!), ['m0']);
      assert.deepEqual([answered, notes], [['a', 'c'], []]);
    });

    test('has the others of its note sent once, even if it also has its own note', async () => {
      const { send, notes, answered } = await endedWithBusyQueue();
      const whole = notes.pop()!;
      const note = JSON.parse(whole) as { answers: { id: string }[] };
      const alone = JSON.stringify({ ...note, answers: note.answers.filter(({ id }) => id === 'b') });
      assert.deepEqual(await send(whole, alone), []);
      assert.deepEqual([answered, notes.map(idsIn)], [['a', 'c'], [['b']]]);
    });

    test('is sent once, though a note that another one has come from was left behind', async () => {
      const { send, sent, rows } = makeBench();
      await send(...others);
      const whole = sent[0]!.body;
      rows.set('requests/a.json', invalid('requests/a.json'));
      await send(whole);
      const rest = sent.at(-1)!.body;
      for (const id of ['b', 'c']) rows.set(`requests/${id}.json`, invalid(`requests/${id}.json`));
      sent.splice(0);
      await send(whole, rest);
      assert.deepEqual(sent.map(({ body }) => (JSON.parse(body) as Answer).id).sort(), ['a', 'b', 'c']);
    });

    test('comes again with them where their note cannot be left', async () => {
      const { send, sent } = makeBench();
      await send(...others);
      const busy = { url: QUEUE, send: () => Promise.reject(new Error('busy')), bury: async () => {} };
      assert.deepEqual(await makeBench([], { requestQueue: busy }).send(sent[0]!.body), ['m0']);
    });
  });

  test('to a request that is gone is a dead letter, and is retried if that cannot be looked up', async () => {
    let error: Error = new ObjectNotFound('requests/a.json is gone.');
    const { send, sent, buried, rows } = makeBench([], { readResult: () => Promise.reject(error) });
    await send(request);
    rows.set('requests/a.json', invalid('requests/a.json'));
    assert.deepEqual(await send(sent[0]!.body), []);
    const reason = 'No answer can be made any more: requests/a.json is gone.';
    assert.deepEqual([buried.length, buried[0]!.reason], [1, reason]);
    error = new Error('no bucket');
    assert.deepEqual([await send(sent[0]!.body), buried.length], [['m0'], 1]);
  });

  test('is given as things stand after two days', async () => {
    const { send, sent, clock } = makeBench();
    await send(request);
    clock.now += 2 * DAY + 1;
    await send(sent[0]!.body);
    assert.equal(sent[1]?.to, REPLY);
    assert.equal((JSON.parse(sent[1]!.body) as Answer).results?.[0]?.error, 'It was not classified.');
  });

  test('that its queue refuses is tried five times, and is a dead letter then, which may be put back', async () => {
    const notes: string[] = [];
    const buried: { body: string; reason: string }[] = [];
    const requestQueue = {
      url: QUEUE,
      send: async (to: string, body: string) => {
        if (to === REPLY) throw new Error('no such queue');
        notes.push(body);
      },
      bury: async (body: string, reason: string) => void buried.push({ body, reason }),
    };
    const { send, rows } = makeBench([], { requestQueue });
    await send(request);
    rows.set('requests/a.json', invalid('requests/a.json'));
    for (let i = 0; i < 5; i += 1) assert.deepEqual(await send(notes.at(-1)!), []);
    assert.equal(notes.length, 5, 'the first, and one for each refusal but the last');
    assert.match(
      buried[0]!.reason,
      /^The answer to the request a was refused 5 times by .*answers: Error: no such queue/,
    );
    assert.equal(buried[0]!.body, notes.at(-1));
  });
});
