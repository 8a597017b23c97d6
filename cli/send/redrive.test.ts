import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sceneEventSchema, sceneInput } from '../../core/base/messages.ts';
import { notificationOf } from '../../core/doors/notifications/notification.ts';
import type { DeadLetter, DeadLetters } from './deadLetters.ts';
import { askedBy, type Redriven, redriveAll, summaryOf } from './redrive.ts';

/** A queue as SQS has it: what was received is hidden for a while, and comes back unless it is removed. */

const inbox = { bucket: 'swath-dev-inbox', prefix: 'scenes/' };
const ID = '6f1c0c3e-0000-4000-8000-00000000cafe';

const s3Event = (key: string, more: Record<string, unknown> = {}) => ({
  version: '0',
  id: ID,
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '123456789012',
  detail: { bucket: { name: inbox.bucket }, object: { key, size: 3, 'version-id': 'v1', sequencer: '0055' } },
  ...more,
});
const elsewhere = s3Event('a', { detail: { bucket: { name: 'other' }, object: { key: 'scenes/a' } } });
const scheduled = { version: '0', id: 'abc', 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} };

type Trouble = { start?: number; remove?: number };

/** A message that is from the queue of requests. */
const request = (body: unknown) => ({ body, from: 'requests' as const });
type Sent = ReturnType<typeof request>;
const isSent = (one: unknown): one is Sent => typeof one === 'object' && one !== null && 'from' in one;

function open(messages: unknown[], trouble: Trouble = {}, hasRequests = true) {
  const queue = new Map<string, Pick<DeadLetter, 'body' | 'from'>>();
  let laid = 0;
  function lay(message: unknown): void {
    const { body, from } = isSent(message) ? message : { body: message, from: null };
    queue.set(`m${laid++}`, { body: typeof body === 'string' ? body : JSON.stringify(body), from });
  }
  messages.forEach(lay);
  const hidden = new Set<string>();
  const executions = new Map<string, unknown>();
  const calls = { start: 0, remove: 0 };
  const tells: Redriven[] = [];
  const fails = (call: keyof Trouble) => {
    calls[call] += 1;
    if (calls[call] === trouble[call]) throw new Error(`no ${call}`);
  };
  const letters: DeadLetters = {
    receive: async () => {
      const shown = [...queue].filter(([id]) => !hidden.has(id)).slice(0, 3);
      for (const [id] of shown) hidden.add(id);
      return shown.map(([id, one]): DeadLetter => ({ id, ...one, why: 'NO_PERMISSIONS', receipt: id }));
    },
    remove: async ({ receipt }) => {
      fails('remove');
      queue.delete(receipt);
    },
    release: async ({ receipt }) => void hidden.delete(receipt),
  };
  const sentBack: string[] = [];
  /** Collect refuses these once more, at once. */
  const refused = new Set<string>();
  async function sendBack(body: string): Promise<void> {
    fails('start');
    sentBack.push(body);
    if (refused.has(body)) lay(request(body));
  }
  const redrive = (limit = Number.POSITIVE_INFINITY, dryRun = false) =>
    redriveAll(
      {
        letters,
        inbox,
        executions: {
          start: async (name, input) => {
            fails('start');
            if (executions.has(name)) return 'known';
            executions.set(name, input);
            return 'started';
          },
          arnOf: (name) => `arn:${name}`,
        },
        sendBack: {
          requests: hasRequests ? sendBack : null,
          counts: () => assert.fail('it is a request'),
          warehouse: null,
        },
        tell: (one) => tells.push(one),
      },
      { limit, dryRun },
    );
  /** The process that received them is gone, and their time is over. */
  const comeBack = () => hidden.clear();
  const bodies = () => [...queue.values()].map(({ body }) => body);
  const left = () => ({ queue: queue.size, hidden: [...hidden].filter((id) => queue.has(id)).length });
  /** What it has said of each message, in some of its words. */
  const said = (...words: (keyof Redriven)[]) => tells.map((one) => words.map((word) => one[word]));
  return { redrive, sentBack, refused, comeBack, queue, executions, tells, said, bodies, left };
}

const eight = Array.from({ length: 8 }, (_, i) => s3Event(`scenes/${i}`, { id: `event-${i}` }));

describe('redrive', () => {
  test('starts what each event asks for, with the event as it is, and takes it out of the queue', async () => {
    const event = s3Event('scenes/"a"\n');
    const { redrive, queue, executions, said } = open([event, scheduled]);
    await redrive();
    assert.deepEqual(Object.fromEntries(executions), { [`redrive-${ID}`]: event, 'redrive-abc': scheduled });
    assert.equal(queue.size, 0);
    assert.deepEqual(said('what', 'outcome', 'execution'), [
      ['scenes/"a"\n', 'put back', `arn:redrive-${ID}`],
      ['a sweep', 'put back', 'arn:redrive-abc'],
    ]);
    const { scene } = sceneEventSchema.parse(executions.get(`redrive-${ID}`));
    assert.deepEqual(scene, { bucket: inbox.bucket, key: 'scenes/"a"\n', versionId: 'v1' });
  });

  test('starts an event that is in the queue twice once', async () => {
    const { redrive, queue, executions, said } = open([s3Event('scenes/a'), s3Event('scenes/a')]);
    await redrive();
    assert.deepEqual([executions.size, queue.size], [1, 0]);
    assert.deepEqual(said('outcome').flat(), ['put back', 'put back before']);
  });

  test('continues until the queue is empty, and leaves unknown messages visible for others', async () => {
    const { redrive, bodies, left, executions, said } = open([...eight, 'no event', ...eight.slice(0, 2)]);
    await redrive();
    assert.deepEqual([executions.size, bodies(), left().hidden], [8, ['no event'], 0]);
    assert.deepEqual(
      said('message', 'outcome').filter(([, outcome]) => outcome === 'left'),
      [['m8', 'left']],
    );
  });

  test('ends where all that is left has been seen, though it shows again', async () => {
    const { redrive, queue, comeBack, tells } = open(['one', 'two', 'three', 'four']);
    const release = setInterval(comeBack, 0);
    await redrive().finally(() => clearInterval(release));
    assert.equal(queue.size, 4);
    assert.equal(new Set(tells.map(({ message }) => message)).size, tells.length);
  });

  for (const trouble of ['start', 'remove'] as const)
    for (const nth of [1, 4, 8])
      test(`cut off in ${trouble} number ${nth}, the next one does the rest: nothing is lost, nothing starts twice`, async () => {
        const { redrive, comeBack, queue, executions, tells } = open(eight, { [trouble]: nth });
        await assert.rejects(redrive(), { message: `no ${trouble}` });
        assert.equal(tells.length, nth - 1);
        assert.equal(executions.size, trouble === 'start' ? nth - 1 : nth);
        assert.equal(queue.size, 8 - (nth - 1), 'what was not told of is still there');
        comeBack();
        await redrive();
        assert.deepEqual([executions.size, queue.size], [8, 0]);
      });
});

describe('redrive of requests', () => {
  const bodies = ['{"id": "a", "inputs": []}', '{"answers": [{"id": "b"}]}', 'no JSON'];
  const requests = bodies.map(request);

  test('puts them back as they are into the queue that they came by, and takes them out', async () => {
    const { redrive, sentBack, queue, executions, said } = open(requests);
    await redrive();
    assert.deepEqual([sentBack, queue.size, executions.size], [bodies, 0, 0]);
    const expected = bodies.map((body) => ['put back', body, null, 'NO_PERMISSIONS']);
    assert.deepEqual(said('outcome', 'what', 'execution', 'why'), expected);
  });

  test('sends each back once; one that is refused again meanwhile becomes a dead letter again', async () => {
    const all = ['good', 'bad', 'bad', 'bad'];
    const { redrive, sentBack, refused, bodies, left, said } = open(all.map(request));
    refused.add('bad');
    await redrive();
    assert.deepEqual([sentBack, bodies(), left().hidden], [all, all.slice(1), 0]);
    const expected = all.map((body, i) => [body, 'put back', `m${i}`]);
    assert.deepEqual(said('what', 'outcome', 'message'), expected);
  });

  test('leaves those of a stage that has no queue for them any more, with why', async () => {
    const { redrive, left, said } = open(requests, {}, false);
    await redrive();
    assert.deepEqual(left(), { queue: 3, hidden: 0 });
    const why = 'it is of the queue of requests, which this stage no longer has';
    assert.deepEqual(
      said('outcome', 'what', 'why'),
      bodies.map((body) => ['left', body, why]),
    );
  });

  for (const [trouble, twice] of [
    ['start', []],
    ['remove', [bodies[1]]],
  ] as const)
    test(`cut off in the second ${trouble}, the next one does the rest: none is lost`, async () => {
      const { redrive, sentBack, queue, comeBack } = open(requests, { [trouble]: 2 });
      await assert.rejects(redrive(), { message: `no ${trouble}` });
      comeBack();
      await redrive();
      assert.deepEqual([sentBack.toSorted(), queue.size], [[...bodies, ...twice].toSorted(), 0]);
    });
});

describe('redrive of events and requests in one queue', () => {
  const mixed = [s3Event('scenes/a'), request('bad'), 'no event', request('{"id": "a"}'), scheduled];

  test('starts the events first, and sends the requests back when all messages have been seen', async () => {
    const { redrive, sentBack, refused, executions, bodies, left, said } = open(mixed);
    refused.add('bad');
    await redrive();
    assert.deepEqual([...executions.keys()], [`redrive-${ID}`, 'redrive-abc']);
    assert.deepEqual([sentBack, bodies(), left().hidden], [['bad', '{"id": "a"}'], ['no event', 'bad'], 0]);
    const all = said('message', 'outcome').map((words) => words.join(' '));
    assert.deepEqual(all, ['m0 put back', 'm2 left', 'm4 put back', 'm1 put back', 'm3 put back']);
  });

  test('--limit counts both, in their order, and lets others have the rest', async () => {
    const { redrive, sentBack, executions, left } = open(mixed);
    await redrive(2);
    assert.deepEqual([executions.size, sentBack, left()], [1, ['bad'], { queue: 3, hidden: 0 }]);
  });

  test('--dry-run starts and removes nothing, and says of each what would become of it and why it is there', async () => {
    const { redrive, sentBack, executions, left, tells, said } = open(mixed);
    await redrive(undefined, true);
    assert.deepEqual([sentBack, executions.size, left()], [[], 0, { queue: 5, hidden: 0 }]);
    const why = 'NO_PERMISSIONS';
    assert.deepEqual(tells[0], { message: 'm0', what: 'scenes/a', outcome: 'to put back', execution: null, why });
    const back = 'to put back';
    assert.deepEqual(said('outcome').flat(), [back, back, 'left', back, back]);
  });

  test('continues if requests reappear before unseen events, and removes by the newest receipt', async () => {
    const ofRequest = (id: string, receipt: string, body: string): DeadLetter => {
      return { id, receipt, body, from: 'requests', why: null };
    };
    const received: DeadLetter[][] = [
      [ofRequest('r1', 'first', 'one'), ofRequest('r2', 'first', 'two')],
      [ofRequest('r1', 'second', 'one')],
      [{ ...ofRequest('e1', 'first', JSON.stringify(s3Event('scenes/a'))), from: null }],
    ];
    const removed: string[] = [];
    const sentBack: string[] = [];
    await redriveAll(
      {
        letters: {
          receive: async () => received.shift() ?? [],
          remove: async ({ id, receipt }) => void removed.push(`${id} ${receipt}`),
          release: async () => assert.fail('nothing is left'),
        },
        inbox,
        executions: { start: async () => 'started', arnOf: (name) => name },
        sendBack: { requests: async (body) => void sentBack.push(body), counts: null, warehouse: null },
        tell: () => {},
      },
      { limit: Number.POSITIVE_INFINITY, dryRun: false },
    );
    assert.deepEqual(sentBack, ['one', 'two']);
    assert.deepEqual(removed, ['e1 first', 'r1 second', 'r2 first']);
  });
});

test('what counts is left where only the service may send it, with what to do, and the others go on', async () => {
  const denied = Object.assign(new Error('explicit deny'), { name: 'AccessDenied' });
  const sent = (id: string, from: 'counts' | 'requests') => ({ id, body: id, why: null, from, receipt: id });
  const received = [[sent('c', 'counts'), sent('r', 'requests')]];
  const [tells, events]: [Redriven[], string[]] = [[], []];
  const ports = {
    letters: {
      receive: async () => received.shift() ?? [],
      remove: async ({ id }: { id: string }) => void events.push(`remove ${id}`),
      release: async ({ id }: { id: string }) => void events.push(`release ${id}`),
    },
    inbox,
    executions: { start: async () => 'started' as const, arnOf: (name: string) => name },
    sendBack: { requests: async () => {}, counts: () => Promise.reject(denied), warehouse: null },
    tell: (one: Redriven) => void tells.push(one),
  };
  await redriveAll(ports, { limit: Infinity, dryRun: false });
  assert.deepEqual(events, ['remove r', 'release c']);
  assert.deepEqual(
    tells.map(({ message, outcome }) => `${message} ${outcome}`),
    ['c left', 'r put back'],
  );
  assert.match(
    tells[0]!.why ?? '',
    /the parameter serverRoles names.*Name the role that redrives there, deploy, and run this again/,
  );
  assert.match(summaryOf(tells, false, { stage: 'dev' }), /^\n1 put back, 1 left in the queue\. See how they end/);
  received.push([sent('r', 'requests')]);
  const ofRequests = { ...ports.sendBack, requests: () => Promise.reject(denied) };
  await assert.rejects(redriveAll({ ...ports, sendBack: ofRequests }, { limit: Infinity, dryRun: false }), denied);
});

test('the summary says where to see what becomes of them, as a command about the same stage', () => {
  const back: Redriven = { message: 'm', what: 'scenes/a', outcome: 'put back', execution: 'arn:a', why: null };
  const summary = summaryOf([back], false, { stage: 'dev', region: 'eu-west-1', profile: 'work' });
  assert.match(summary, /See how they end: npx swath runs --stage dev --region eu-west-1 --profile work$/);
  assert.doesNotMatch(summaryOf([{ ...back, outcome: 'to put back' }], true, { stage: 'dev' }), /npx swath/);
});

/** What a message asks for, of which it is known whether it is from the queue of requests, and whether there is one still. */
function asked(body: unknown, isRequest: boolean, hasRequests: boolean) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const letter: DeadLetter = { id: 'm', body: text, why: null, from: isRequest ? 'requests' : null, receipt: 'r' };
  return askedBy(letter, {
    inbox,
    sendBack: { requests: hasRequests ? async () => {} : null, counts: null, warehouse: null },
  });
}

test('an event of a result that could not be loaded goes back to the queue of the warehouse', () => {
  const detail = { bucket: { name: 'results' }, object: { key: 'predictions/a', 'version-id': 'v1' } };
  const body = JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created', detail });
  const letter: DeadLetter = { id: 'm', body, why: null, from: 'warehouse', receipt: 'r' };
  const to = async () => {};
  assert.partialDeepStrictEqual(askedBy(letter, { inbox, sendBack: { requests: null, counts: null, warehouse: to } }), {
    kind: 'message',
    to,
  });
  const asked = askedBy(letter, { inbox, sendBack: { requests: null, counts: null, warehouse: null } });
  assert.match(
    asked.kind === 'none' ? asked.why : '',
    /^it is of the queue of warehouse, which this stage no longer has$/,
  );
});

describe('a message is taken for what it is', () => {
  const scene = { bucket: inbox.bucket, key: 'scenes/a', versionId: 'v1' };
  const events = [
    { what: "EventBridge's event of a file", body: s3Event('scenes/a'), event: 'scene' },
    { what: "S3's notification of a file", body: notificationOf(scene, 3), event: 'scene' },
    { what: 'a sweep that is due', body: scheduled, event: 'sweep' },
  ];
  const others = [
    { what: 'a request', body: { id: 'r-1', inputs: [{ values: [1] }] } },
    { what: 'a note that an answer is due', body: { answers: [], since: '2026-03-01T00:00:00Z' } },
    { what: 'predictions to be counted', body: { answered: { request: 'r-1' } } },
    { what: 'truths', body: { truth: { model: 'm', truths: [] } } },
    { what: 'no JSON', body: '{"id": "r-1", "inputs": [' },
    { what: 'an event of another bucket', body: elsewhere },
    { what: 'a notification that is not whole', body: { Records: [{}] } },
  ];
  for (const hasRequests of [true, false])
    for (const isRequest of [true, false]) {
      const where = `${isRequest ? 'from' : 'not from'} the queue of requests, which is ${hasRequests ? 'there' : 'not there'}`;
      for (const { what, body, event } of events)
        test(`${what}, ${where}, starts its execution`, () => {
          const [one, plain] = [asked(body, isRequest, hasRequests), asked(body, false, false)];
          assert.equal(one.kind, event);
          assert.deepEqual(one, plain);
        });
      for (const { what, body } of others)
        test(`${what}, ${where}, ${isRequest && hasRequests ? 'goes back there' : 'is left'}`, () => {
          const one = asked(body, isRequest, hasRequests);
          assert.equal(one.kind, isRequest && hasRequests ? 'message' : 'none');
          if (one.kind === 'none')
            assert.equal(/^it is of the queue of requests, which this stage/.test(one.why), isRequest);
        });
    }
});

describe('an event', () => {
  const ask = (body: unknown) => asked(body, false, false);

  test('without an id, or with one that no execution may be named by, is named by its content, the same each time', () => {
    for (const id of [undefined, 'a b/c']) {
      const event = s3Event('scenes/a', { id });
      const [one, again, other] = [ask(event), ask(event), ask({ ...event, time: 'later' })];
      assert.ok(one.kind === 'scene' && again.kind === 'scene' && other.kind === 'scene');
      assert.match(one.name, /^redrive-[0-9a-f]{32}$/);
      assert.equal(one.name, again.name);
      assert.notEqual(one.name, other.name);
    }
  });

  test('as a rerun has it, put there by hand, is one of ours', () => {
    assert.equal(ask(sceneInput({ bucket: inbox.bucket, key: 'scenes/a', versionId: 'v1' })).kind, 'scene');
  });

  test("as S3 itself sends it to the queue of arrivals, starts what EventBridge's would", () => {
    const scene = { bucket: inbox.bucket, key: 'scenes/a "b"+c%20é', versionId: 'v1' };
    const [asked, again] = [ask(notificationOf(scene, 3)), ask(notificationOf(scene, 3))];
    assert.ok(asked.kind === 'scene' && again.kind === 'scene');
    assert.deepEqual([asked.what, asked.name], [scene.key, again.name]);
    assert.match(asked.name, /^redrive-[0-9a-f]{32}$/);
    assert.deepEqual(sceneEventSchema.parse(asked.input).scene, scene);
  });

  for (const [what, body, why] of [
    ['no JSON', 'hello', /^it is not an event/],
    ["S3's test of a queue", { Service: 'Amazon S3', Event: 's3:TestEvent' }, /^it is not an event/],
    ['a notification of nothing', { Records: [] }, /^It is not an S3 notification \(Records: /],
    ['JSON that is none', '[1]', /^it is not an event/],
    ['of another source', { source: 'aws.ec2', 'detail-type': 'x' }, /"aws\.ec2: x", allowed are/],
    ["another one of S3's", s3Event('scenes/a', { 'detail-type': 'Object Deleted' }), /"aws\.s3: Object Deleted"/],
    ["another one of EventBridge's", { source: 'aws.events' }, /allowed are/],
    ['without a key', s3Event('scenes/a', { detail: {} }), /^it names no scene file/],
    ['of another bucket', elsewhere, /from the bucket other, and the inbox is swath-dev-inbox$/],
    ['of another place in it', s3Event('north/a'), /does not begin with scenes\/, as the inbox does$/],
  ] as const)
    test(`that is ${what} is left, with why`, () => {
      const left = ask(body);
      assert.ok(left.kind === 'none');
      assert.match(left.why, why);
    });
});
