import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { predictionsKey, requestKey, truthKey } from '../../core/base/keys.ts';
import { sceneId } from '../../core/base/messages.ts';
import type { LogFields } from '../../core/base/step.ts';
import { answeredId } from '../../core/doors/answered/answered.ts';
import { encodeTruths, parseTruths, type TruthJson } from '../../core/doors/truth/truth.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { inRow, summaryIn } from '../../core/tasks/registry.ts';
import { heightsPackage } from '../../test/benches/heights.ts';
import { editedItem, OUTPUT, PROPERTIES, readBaselineFile } from '../../test/benches/packages.ts';
import { partOf, predict } from '../../test/benches/predictions.ts';
import { json, MODEL, startTestService } from '../../test/benches/service.ts';
import { countsIn } from '../../test/benches/summaries.ts';
import type { Refused } from './gather.ts';
import { makeTruths, type TruthsPorts } from './truths.ts';

const { service, models, inbox, results, wait, finish, claim, fail } = await startTestService();
const AT = '2026-03-16T09:00:00.000Z';
const messageOf = (...truths: TruthJson[]) => encodeTruths({ model: MODEL.name, at: AT, truths });
const truthsIn = ({ body }: { body: string }) => parseTruths(body).truths;
const truthsOf = (row: LedgerRow) => countsIn(row).truths ?? [0, 0, 0, 0];
const now = async ({ scene, model }: LedgerRow) => (await service.ledger.get(scene, model))!;

function makeBench(more: Partial<TruthsPorts> = {}) {
  const sent: { body: string; delaySeconds: number }[] = [];
  const buried: { body: string; reason: string }[] = [];
  const log: LogFields = {};
  const gather = makeTruths({
    ...service,
    requestQueue: {
      url: 'queue',
      send: async (_url, body, delaySeconds) => void sent.push({ body, delaySeconds }),
      bury: async (body, reason) => void buried.push({ body, reason }),
    },
    ...more,
  });
  const send = async (...bodies: string[]) => {
    const records = bodies.map((body, i) => ({ messageId: `m${i}`, body, eventSourceARN: 'arn:swath-dev-requests' }));
    const refused: Refused = new Map();
    await gather(records, log, refused);
    return [...refused.keys()];
  };
  return { send, sent, buried, log };
}

/** A run that is done by a model of another task, with a row of outputs for each chip. */
async function finishBy(
  name: string,
  key: string,
  rows: number[][],
  truth: (number | null)[],
  more: Parameters<typeof partOf>[1] = {},
): Promise<LedgerRow> {
  const ref = { name, version: '1.0.0' };
  const row = await claim(key, ref as typeof MODEL);
  inbox.set(sceneId(row.scene), new Uint8Array(1));
  const model = await service.models.load(ref);
  const origin = { run: row.run, digest: 'd'.repeat(64), scene: key };
  const { sum, bytes } = predict(model, rows, origin, partOf(rows.length, { truth, ...more }));
  results.set(predictionsKey({ id: row.run, model: ref, day: row.day! }, 0), bytes);
  const counted = { chips: rows.length, blank: 0, parts: 1, countedDay: row.day, digest: origin.digest };
  const found = { ...counted, ...inRow(sum, model), bands: 'what is kept of its bands' };
  return service.ledger.advance(row, 'DONE', service.now(), found);
}

describe('truths of other tasks than classification', () => {
  test('of values are counted as errors, in the place of what the file says; and what the row keeps of bands stays', async () => {
    for (const [file, content] of Object.entries(await heightsPackage()))
      models.set(`heights/1.0.0/${file}`, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    const row = await finishBy('heights', 'values', [[10], [20], [30]], [12, null, 30]);
    const errorsOf = (row: LedgerRow) => summaryIn(row)!['errors'];
    assert.partialDeepStrictEqual(errorsOf(row), { n: 2, absolute: 2, mean: -1 });
    const { send, buried } = makeBench();
    const truths = [10.5, 19].map((truth, index) => ({ scene: 'values', index, truth }));
    assert.deepEqual(await send(encodeTruths({ model: 'heights', at: AT, truths })), []);
    assert.equal(buried.length, 0);
    const told = await now(row);
    assert.partialDeepStrictEqual(errorsOf(told), { n: 3, absolute: 1.5 });
    assert.equal(told.bands, 'what is kept of its bands');
    await send(encodeTruths({ model: 'heights', at: AT, truths: [{ scene: 'values', index: 0, truth: 'high' }] }));
    assert.match(buried[0]!.reason, /found “high”, allowed is one finite number of at most 3\.4e38\.$/);
  });

  test('of two inputs of one name are joined to neither, and of another one of their request to that', async () => {
    const of = named(['h-9', 'h-9', 'h-9'], ['twice', 'twice', 'once']);
    const row = await finishBy('heights', 'answered/heights.jsonl', [[10], [20], [30]], [null, null, null], of);
    await service.ledger.claimMessages([answeredId({ request: 'h-9', part: 0 })], row.run, row.day!);
    const { send, sent } = makeBench({ resultsBucket: row.scene.bucket });
    const truths = ['twice', 'once'].map((id) => ({ request: 'h-9', id, truth: 12 }));
    assert.deepEqual(await send(encodeTruths({ model: 'heights', at: AT, truths })), []);
    assert.partialDeepStrictEqual(summaryIn(await now(row))!['errors'], { n: 1, absolute: 18 });
    assert.equal(
      truthsIn(sent[0]!)
        .map((one) => one.id)
        .join(),
      'twice',
    );
  });

  for (const [what, request, index, isJoined] of [
    ['is joined to the input of that place, if it has no id', 'q-1', 2, true],
    ['is not joined to an input that has an id', 'q-1', 1, false],
    ['is not joined to an input of another request', 'q-2', 2, false],
  ] as const)
    test(`by its place in a request by queue, ${what}`, async () => {
      const key = requestKey('q-1');
      const of = named(['q-1', 'q-1', 'q-1'], [null, 'a', null]);
      const row = await finishBy('heights', key, [[10], [20], [30]], [null, null, null], of);
      const findObject = async () => ({ ...row.scene, size: 1 });
      const { send, sent, buried } = makeBench({ resultsBucket: row.scene.bucket, findObject });
      await send(encodeTruths({ model: 'heights', at: AT, truths: [{ request, index, truth: 12 }] }));
      const { errors } = summaryIn(await now(row)) as { errors?: { n: number } };
      assert.deepEqual([errors?.n, sent.length + buried.length], isJoined ? [1, 0] : [undefined, 1]);
    });

  test('of chips under clouds are kept, and count in no accuracy', async () => {
    const mask = { band: 'A', values: [8], share: 0.2 };
    const files = await heightsPackage([`${PROPERTIES}/mlm:name`, 'cloudy'], [`${PROPERTIES}/swath:mask`, mask]);
    for (const [name, content] of Object.entries(files)) models.set(`cloudy/1.0.0/${name}`, Buffer.from(content));
    const masked = { carried: [{ name: 'masked', type: 'DOUBLE' as const, values: [0.2, 0.21, null] }] };
    const row = await finishBy('cloudy', 'under-clouds', [[10], [20], [30]], [null, null, null], masked);
    const { send, buried } = makeBench();
    const truths = [11, 99, 33].map((truth, index) => ({ scene: 'under-clouds', index, truth }));
    await send(encodeTruths({ model: 'cloudy', at: AT, truths }));
    assert.partialDeepStrictEqual(summaryIn(await now(row))!['errors'], { n: 2, absolute: 4 });
    assert.equal(buried.length, 0);
    const told = results.get(truthKey({ id: row.run, model: row.model, day: row.day! }))!;
    assert.equal((await parquetReadObjects({ file: told.slice().buffer })).length, 3);
  });

  test('are counted in each segment of chips, in the place of what the file says', async () => {
    const crop = { column: 'crop', values: ['maize', 'rye'] };
    const carry = [`${PROPERTIES}/swath:carry`, ['crop']] as const;
    const item = await editedItem([`${PROPERTIES}/mlm:name`, 'crops'], carry, [
      `${PROPERTIES}/swath:segments`,
      { crop },
    ]);
    models.set('crops/1.0.0/item.json', json(item));
    models.set('crops/1.0.0/reference.json', await readBaselineFile('reference.json'));
    const carried = [{ name: 'crop', type: 'STRING' as const, values: ['maize', 'rye', 'maize'] }];
    const outputs = [0, 1, 1].map((label) => [0, 1, 2, 3].map((value) => (value === label ? 1 : 0)));
    const row = await finishBy('crops', 'fields', outputs, [0, null, null], { carried });
    const counted = (maize: object, rye: object) => ({
      crop: { maize: { counts: [1, 1, 0, 0], ...maize }, rye: { counts: [0, 1, 0, 0], ...rye } },
    });
    const first = { truths: [1, 0, 0, 0], right: [1, 0, 0, 0] };
    assert.deepEqual(JSON.parse(row.summary!).segments, counted(first, {}));
    const truths = [1, 1].map((truth, index) => ({ scene: 'fields', index, truth }));
    await makeBench().send(encodeTruths({ model: 'crops', at: AT, truths }));
    const [maize, rye] = [0, 1].map((right) => ({ truths: [0, 1, 0, 0], right: [0, right, 0, 0] }));
    assert.deepEqual(JSON.parse((await now(row)).summary!).segments, counted(maize!, rye!));
  });

  test('of several labels are counted as sets, and a later truth replaces an earlier one; an impossible one is a dead letter', async () => {
    const sigmoid = { format: 'swath', expression: 'sigmoid' };
    const item = await editedItem(
      [`${PROPERTIES}/mlm:name`, 'labels'],
      [`${OUTPUT}/post_processing_function`, sigmoid],
    );
    models.set('labels/1.0.0/item.json', json(item));
    models.set('labels/1.0.0/reference.json', json({ chips: 10, classes: { 'cows-0': 5 } }));
    const logits = (...row: number[]) => row.map((probability) => Math.log(probability / (1 - probability)));
    const outputs = [logits(0.9, 0.1, 0.8, 0.2), logits(0.1, 0.1, 0.1, 0.1)];
    const row = await finishBy('labels', 'several', outputs, [null, 0]);
    const truthsOfRow = (row: LedgerRow) => summaryIn(row)!['truths'];
    assert.equal(truthsOfRow(row), undefined, 'what the file says is one class, and no set');
    const { send, buried } = makeBench();
    const say = (at: string, ...labels: string[][]) => {
      const truths = labels.map((truth, index) => ({ scene: 'several', index, truth }));
      return send(encodeTruths({ model: 'labels', at, truths }));
    };

    await say(AT, ['cows-2', 'cows-0'], []);
    const joined = await now(row);
    const first = [1, 0, 1, 0];
    assert.deepEqual(truthsOfRow(joined), { n: 2, exact: 2, truth: first, predicted: first, both: first });
    await say(AT, ['cows-2', 'cows-0'], []);
    assert.deepEqual(await now(row), joined, 'the same again changes nothing');
    await say('2026-03-16T10:00:00.000Z', ['cows-0', 'cows-1']);
    assert.partialDeepStrictEqual(truthsOfRow(await now(row)), { n: 2, exact: 1, truth: [1, 1, 0, 0] });
    await say(AT, ['cows-2']);
    assert.partialDeepStrictEqual(truthsOfRow(await now(row)), { exact: 1 }, 'what was said before is known');
    assert.equal(buried.length, 0);

    await say(AT, ['sheep']);
    assert.match(buried[0]!.reason, /found the label “sheep”, allowed are labels of .*cows-0/);
  });
});

describe('truths that come by a queue', () => {
  test('are counted by the run that has predicted their chips, and its day is due; a message that comes again changes nothing', async () => {
    const row = await finish('a', [{ class: 1 }, { class: 2 }, { class: 2 }]);
    const { send, sent, buried, log } = makeBench();
    const message = messageOf({ scene: 'a', index: 1, truth: 'cows-1' }, { scene: 'a', index: 2, truth: 'cows-0' });
    assert.deepEqual(await send(message), []);
    const told = await now(row);
    assert.deepEqual(truthsOf(told), [1, 1, 0, 0]);
    assert.deepEqual(countsIn(told).right, [0, 1, 0, 0]);
    const { truths, truthsJoined, truthsLater, truthsBuried } = log;
    assert.deepEqual([truths, truthsJoined, truthsLater, truthsBuried], [2, 2, 0, 0]);
    const marks = await service.ledger.marksSince(row.day!, new Date(0));
    assert.ok(marks.some(({ mark }) => mark === 'truth'));
    assert.deepEqual(await send(message, message), []);
    assert.deepEqual([log['truths'], log['truthsJoined']], [4, 2]);
    assert.deepEqual(await now(row), told, 'row and object are as they were');
    assert.deepEqual([sent, buried], [[], []]);
  });

  test('replace what the file itself says, and leave what it says of others', async () => {
    const guesses = [1, 2].map((value) => ({ class: value, truth: value }));
    const row = await finish('labelled', guesses);
    assert.deepEqual(truthsOf(row), [0, 1, 1, 0]);
    await makeBench().send(messageOf({ scene: 'labelled', index: 2, truth: 0 }));
    assert.deepEqual(truthsOf(await now(row)), [1, 1, 0, 0]);
  });

  test('may repeat themselves, and may name a chip by the id that its predictions have', async () => {
    const row = await finish('by-id', [{ class: 1 }, { class: 2 }]);
    const digits = row.digest!.slice(0, 16);
    const { send, buried } = makeBench();
    const [first, second] = [1, 2].map((index) => ({ scene: 'by-id', chip: `${digits}-${index}`, truth: 1 }));
    await send(messageOf(first!, first!, second!, { scene: 'by-id', chip: `${'0'.repeat(16)}-1`, truth: 3 }));
    assert.deepEqual(truthsOf(await now(row)), [0, 2, 0, 0]);
    assert.match(buried[0]!.reason, /the chip 1 of “by-id”: the run \w+ of .* has predicted no such chip\.$/);
  });

  test('of a run that ended otherwise meanwhile come again, and its row stays as it is', async () => {
    const row = await finish('meanwhile', [{ class: 1 }]);
    const rowsOf: typeof service.ledger.rowsOf = async (...of) =>
      new Map([...(await service.ledger.rowsOf(...of))].map(([id, one]) => [id, { ...one, state: 'FAILED' }]));
    const { send } = makeBench({ ledger: { ...service.ledger, rowsOf } });
    assert.deepEqual(await send(messageOf({ scene: 'meanwhile', index: 1, truth: 1 })), ['m0']);
    assert.deepEqual(truthsOf(await now(row)), [0, 0, 0, 0]);
  });

  for (const what of ['object', 'row'])
    test(`of a run whose ${what} others write each time come again after twenty tries`, async () => {
      await finish(what, [{ class: 1 }]);
      let tries = 0;
      const replaceVersion = async () => {
        tries += 1;
        return null;
      };
      const tellTruth = async () => (await replaceVersion()) !== null;
      const objects = { ...service.objects, replaceVersion };
      const { send } = makeBench(what === 'object' ? { objects } : { ledger: { ...service.ledger, tellTruth } });
      assert.deepEqual(await send(messageOf({ scene: what, index: 1, truth: 1 })), ['m0']);
      assert.equal(tries, 20);
    });

  test('are kept with what the chip is called: its id, its member, its request', async () => {
    const of = named(['k-1', 'k-1'], ['left', 'right']);
    const row = await finishBy('heights', 'answered/kept.jsonl', [[10], [20]], [null, null], of);
    await service.ledger.claimMessages([answeredId({ request: 'k-1', part: 0 })], row.run, row.day!);
    const { send } = makeBench({ resultsBucket: row.scene.bucket });
    await send(encodeTruths({ model: 'heights', at: AT, truths: [{ request: 'k-1', id: 'right', truth: 12 }] }));
    const file = results.get(truthKey({ id: row.run, model: row.model, day: row.day! }))!;
    const [kept] = await parquetReadObjects({ file: new Uint8Array(file).buffer });
    assert.partialDeepStrictEqual(kept, { index: 1, member: 'right', request_id: 'k-1', true_value: 12 });
  });

  test('of a chip without a prediction count nothing', async () => {
    const row = await finish('missing', [{ class: null }, { class: 1 }]);
    const { send, buried } = makeBench();
    await send(messageOf({ scene: 'missing', index: 1, truth: 0 }));
    assert.deepEqual([truthsOf(await now(row)), buried], [[0, 0, 0, 0], []]);
  });

  test('of a running run are retried, later and later; then they are a dead letter', async () => {
    const row = await claim('slow');
    await finish('quick', [{ class: 1 }]);
    const { send, sent, buried, log } = makeBench();
    const version = { scene: 'slow', sceneVersion: 'v1' };
    await send(messageOf({ ...version, index: 1, truth: 1 }, { scene: 'quick', index: 1, truth: 1 }));
    assert.deepEqual(log, { truths: 2, truthsJoined: 1, truthsLater: 1, truthsBuried: 0 });
    assert.deepEqual([sent.length, truthsIn(sent[0]!)], [1, [{ ...version, index: 1, truth: 1 }]]);
    assert.equal(sent[0]!.delaySeconds, 60);
    await send(sent[0]!.body);
    assert.equal(sent[1]!.delaySeconds, 120);
    assert.equal(parseTruths(sent[1]!.body).at, AT, 'when it was said stays');
    const { again, read: _, ...said } = parseTruths(sent[1]!.body);
    await send(encodeTruths({ ...said, again: { ...again!, delaySeconds: 512 } }));
    assert.equal(sent.pop()!.delaySeconds, 300, 'before the alarm on old messages');
    wait(2 * 86_400);
    await send(sent[1]!.body);
    assert.equal(sent.length, 2);
    const why = `nobody has predicted the chip: the chip 1 of “slow”: its run ${row.run} is CLAIMED`;
    assert.ok(buried[0]!.reason.includes(why), buried[0]!.reason);
    wait(-2 * 86_400);
  });

  test('of an existing file without a run are retried, because its event may be late', async () => {
    const scene = { bucket: 'inbox', key: 'early', versionId: 'v1' };
    inbox.set(sceneId(scene), new Uint8Array(1));
    const { send, sent, buried } = makeBench();
    await send(messageOf({ scene: 'early', index: 0, truth: 1 }, { scene: 'never', index: 0, truth: 1 }));
    assert.deepEqual(sent.map(truthsIn), [[{ scene: 'early', index: 0, truth: 1 }]]);
    assert.match(buried[0]!.reason, /the chip 0 of “never”: no run of it is known\.$/);
  });

  test('of chips that will never be predicted are a dead letter, which lists them', async () => {
    await fail('bad', 'INVALID');
    const row = await finish('known', [{ class: 1 }]);
    const { send, sent, buried } = makeBench();
    const version = { sceneVersion: 'v1', truth: 1 };
    const known = [9, 1].map((index) => ({ scene: 'known', index, truth: 1 }));
    const nobody = { scene: 'nobody', index: 1, truth: 1 };
    await send(messageOf({ scene: 'bad', ...version, index: 1 }, ...known, nobody));
    assert.deepEqual(sent, []);
    assert.match(
      buried[0]!.reason,
      /^Truths cannot be joined, as nobody has predicted these chips: the chip 1 of “bad”: its run \w+ is INVALID; the chip 9 of “known”: the run \w+ of droughtwatch-baseline\/1.0.0 has predicted no such chip; the chip 1 of “nobody”: no run of it is known\.$/,
    );
    assert.equal(parseTruths(buried[0]!.body).truths.length, 3);
    assert.deepEqual(truthsOf(await now(row)), [0, 1, 0, 0], 'the others are joined');
  });

  test('of more than three such chips list three of them', async () => {
    const { send, buried, log } = makeBench();
    await send(messageOf(...[1, 2, 3, 4, 5].map((index) => ({ scene: 'no one', index, truth: 1 }))));
    assert.match(buried[0]!.reason, /: the chip 1 of [^;]+; the chip 2 of [^;]+; the chip 3 of [^;]+ and 2 more\.$/);
    assert.equal(log['truthsBuried'], 1, 'a message');
  });

  test('that are invalid are a dead letter, and the others of the message are joined', async () => {
    const row = await finish('company', [{ class: 1 }, { class: 1 }]);
    const { send, buried } = makeBench();
    const again = await send(
      messageOf({ scene: 'company', index: 1, truth: 'sheep' }),
      messageOf({ scene: 'company', index: 1, truth: 1 }, { scene: 'company', index: 1, truth: 2 }),
      '{"truth": ',
      messageOf({ scene: 'company', index: 2, truth: 3 }),
    );
    assert.deepEqual(again, []);
    assert.deepEqual(buried.length, 3);
    const reasons = buried.map(({ reason }) => reason).join('\n');
    assert.match(reasons, /found “sheep”, allowed is one integer of 0, 1, 2, 3, or the name of its class/);
    assert.match(
      reasons,
      /truths\[1\]: found “2” as the truth of the chip 1 of “company”, and truths\[0\] says “1”; allowed is one truth/,
    );
    assert.deepEqual(truthsOf(await now(row)), [0, 0, 0, 1]);
  });

  test('come again where the store has trouble, and are counted once then', async () => {
    const row = await finish('trouble', [{ class: 1 }]);
    const broken = { ...service.ledger, tellTruth: () => Promise.reject(new Error('throttled')) };
    const message = messageOf({ scene: 'trouble', index: 1, truth: 1 });
    assert.deepEqual(await makeBench({ ledger: broken }).send(message), ['m0']);
    assert.deepEqual(truthsOf(await now(row)), [0, 0, 0, 0]);
    assert.deepEqual(await makeBench().send(message), [], 'its object was written, and its row is yet to follow');
    assert.deepEqual(truthsOf(await now(row)), [0, 1, 0, 0]);
  });

  test('of a request over HTTP are found by who has claimed its messages', async () => {
    const row = await finish('answered/a.jsonl', [{ class: 1 }]);
    await service.ledger.claimMessages([answeredId({ request: 'h-1', part: 0 })], row.run, row.day!);
    const { send, sent } = makeBench({ resultsBucket: row.scene.bucket });
    await send(messageOf({ request: 'h-1', id: 'nobody', truth: 1 }, { request: 'h-2', index: 0, truth: 1 }));
    assert.equal(parseTruths(sent[0]!.body).truths.length, 2, 'parts of a request may come yet');
  });
});

const named = (requests: string[], members: (string | null)[]): Parameters<typeof finishBy>[4] => ({
  carried: [
    { name: 'member', type: 'STRING', values: members },
    { name: 'request_id', type: 'STRING', values: requests },
  ],
});
