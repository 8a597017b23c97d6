import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  ClaimLost,
  Interrupted,
  InvalidSceneFile,
  SceneFileChanged,
  TransientTrouble,
} from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import { MAX_PARTS, SCENE_LIMITS } from '../../core/base/limits.ts';
import { type RunRef, runId, type SceneRef, sceneEventSchema } from '../../core/base/messages.ts';
import { type Accept, makeAccept } from '../../core/ledger/accept.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { bandSumsOf } from '../../core/measures/bands/bandSumsText.ts';
import { HEAD_BYTES } from '../../core/scenes/formats/format.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { openSceneIn } from '../../local/buckets/sceneFiles.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { editedPackage, readBaselineFile, smallModel } from '../../test/benches/packages.ts';
import { makeBench as benchOn, CHUNK } from '../../test/benches/preprocess.ts';
import { SAFE, safeFiles, within } from '../../test/benches/products.ts';
import { readSmallModel, type TestChip } from '../../test/benches/scenes.ts';
import { liveOf, servingOf } from '../../test/benches/serving.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { encodeZip } from '../../test/numpy.ts';
import type { PreprocessPorts } from './preprocess.ts';

/** What becomes of one scene file, on a real ledger; the inbox is in memory and the results are a map. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const model = await readSmallModel();
const ref = { name: 'baseline', version: '1.0.0' };
const now = new Date('2026-03-01T23:59:59.000Z');
const defaults = {
  ledger,
  models: { serving: servingOf(ref), load: async () => model },
  resultsBucket: 'results',
  now: () => now,
  chipsPerPart: 2,
  sceneLimits: SCENE_LIMITS,
  attemptLimit: 3,
  acquisitionTimePattern: '',
  leaseSeconds: 60,
};
const makeBench = (chips: readonly TestChip[], ports: Partial<PreprocessPorts> = {}, file = {}) =>
  benchOn(chips, { ...defaults, ...ports }, file);

const partsIn = ({ results }: ReturnType<typeof makeBench>) =>
  [...results.objects.values()].map(({ bytes }) => decodePart(bytes));

describe('a scene file', () => {
  test('becomes parts of a bounded number of chips, blanks left out, and then the ledger says so', async () => {
    const chips = [7, 0, 8, 9, 0, 10, 11].map((value, label) => ({ value, label: label % 4 }));
    const bench = makeBench(chips);
    const result = await bench.preprocess();
    const digest = createHash('sha256').update(bench.file).digest('hex');
    const id = runId(bench.scene, ref);
    const attempt = { attempt: 1, execution: 'first', digest, day: '2026-02-28' };
    const run: RunRef = { id, scene: bench.scene, model: ref, ...attempt };
    assert.deepEqual(result, { status: 'ready', run, parts: [0, 1, 2] });
    const keys = [0, 1, 2].map((part) => `prepared/${id}/part-0000${part}.arrow`);
    assert.deepEqual(bench.results.keys(), keys);
    const parts = partsIn(bench);
    assert.equal(parts.map(({ index }) => index.join()).join(' '), '0,2 3,5 6');
    assert.equal(parts.map(({ truth }) => truth!.join()).join(' '), '0,2 3,1 2');
    const values = parts.flatMap(({ bands }) => [...bands[0]!.values]);
    assert.deepEqual(
      values,
      [7, 8, 9, 10, 11].flatMap((value) => Array(4).fill(value)),
    );
    const { length } = bench.file;
    assert.equal(parts[1]?.offset[1], BigInt((length / 7) * 5), 'the place of the record in the file');
    const row = await ledger.get(bench.scene, ref);
    assert.equal(row?.state, 'PREPARED');
    assert.deepEqual([row.size, row.digest, row.chips, row.blank, row.parts], [length, digest, 7, 2, 3]);
    assert.deepEqual([row.day, row.chipsPerPart], ['2026-02-28', 2]);
    assert.equal(row.lease, '2026-03-02T00:00:59.000Z');
  });

  test('the bundled one: 81 chips, of which 2 are blank', async () => {
    const baseline = await readModelPackage(readBaselineFile);
    const folder = fileURLToPath(new URL('../../samples/droughtwatch', import.meta.url));
    const models = { serving: servingOf(ref), load: async () => baseline };
    const bench = makeBench([], { openScene: openSceneIn(folder), chipsPerPart: 512, models });
    const versionId = '5887159181547f16f7a308a1b3814895b5e7124c18ed98fbbb031ebee1182a49'; // as sha256sum has it
    const scene = { bucket: 'inbox', key: 'part-r-00012', versionId };
    await bench.preprocess({ scene });
    const row = await ledger.get(scene, ref);
    assert.deepEqual([row?.chips, row?.blank, row?.parts, row?.digest], [81, 2, 1, versionId]);
    const [part, ...more] = partsIn(bench);
    assert.deepEqual([part?.chips, more.length], [79, 0]);
    assert.equal(part?.bands.map(({ name }) => name).join(), 'B2,B3,B4,B5');
    for (const { values } of part!.bands) assert.equal(values.length, 79 * 65 * 65);
  });

  test('of a request has parts of the chips that can be read, and a row that says which of them cannot', async () => {
    const values = (value: number) => ['A', 'B'].map(() => [0, 1].map(() => [value, value]));
    const inputs = [7, 256, 8, 9].map((value, i) => ({ id: `chip ${i}`, values: values(value) }));
    const request = new TextEncoder().encode(JSON.stringify({ id: 'r-17', inputs }));
    const bench = makeBench([], {}, { transform: () => request });
    assert.equal((await bench.preprocess()).status, 'ready');
    const parts = partsIn(bench).map(
      ({ index, carried }) => `${index}: ${carried?.map(({ values }) => values).join(' of ')}`,
    );
    assert.deepEqual(parts, ['0,2: chip 0,chip 2 of r-17,r-17', '3: chip 3 of r-17']);
    const message = 'inputs[1].values: band A: found 256 for pixel 0, allowed is a value of uint8';
    const row = await ledger.get(bench.scene, ref);
    assert.deepEqual([row?.chips, row?.blank, row?.parts], [3, 0, 2]);
    assert.deepEqual(row?.refused, { count: 1, first: [{ index: 1, name: 'chip 1', message }] });
  });

  test('of a package with a profile leaves in its row what its bands are like, of the chips that are classified', async () => {
    const numbers = { mean: 7, deviation: 2, betweenChips: 2, valuesPerChip: 1, degreesOfFreedom: 1 };
    const profile = [{ name: 'B', source: 1, chips: 20, edges: [2, 8, 12], counts: [10, 10], ...numbers }];
    const watched = { ...model, profile };
    const chips = [7, 0, 8, 9, 20].map((value) => ({ value }));
    const bench = makeBench(chips, { models: { serving: servingOf(ref), load: async () => watched } });
    await bench.preprocess();
    const row = await ledger.get(bench.scene, ref);
    const [sum] = bandSumsOf(row!.bands!);
    assert.deepEqual([sum!.chips, sum!.counts], [4, [0, 0, 12, 4]], 'values of B are 8, 9, 10 and 21');
    assert.deepEqual([sum!.mean, sum!.minimum, sum!.maximum], [12, 8, 21]);
    assert.equal('bands' in bench.log, false);
    const plain = makeBench(chips.concat({ value: 3 }));
    await plain.preprocess();
    assert.equal((await ledger.get(plain.scene, ref))!.bands, undefined);
  });

  test('of which clouds hide a part says so of each chip, and how many of them count in no verdict', async () => {
    const mask = { band: 1, values: [10], bits: 0, share: 0.2 };
    const models = { serving: servingOf(ref), load: async () => ({ ...model, mask }) };
    const bench = makeBench([{ value: 7 }, { value: 9 }, { value: 0 }, { value: 11 }], { models });
    assert.equal((await bench.preprocess()).status, 'ready');
    const parts = partsIn(bench).flatMap(({ carried, index }) => [[...index], carried]);
    const masked = (...values: number[]) => [{ name: 'masked', type: 'DOUBLE', values }];
    assert.deepEqual(parts, [[0, 1], masked(0, 1), [3], masked(0)]);
    const row = await ledger.get(bench.scene, ref);
    assert.deepEqual([row?.chips, row?.blank, row?.masked], [4, 1, 1]);
  });

  test('of blanks only has nothing to classify, and is left to be counted', async () => {
    const bench = makeBench([{ value: 0 }, { value: 0 }]);
    const { status, run } = await bench.preprocess();
    assert.deepEqual([status, run.id, bench.results.objects.size], ['empty', runId(bench.scene, ref), 0]);
    const row = await ledger.get(bench.scene, ref);
    assert.deepEqual([row?.state, row?.chips, row?.blank, row?.parts], ['PREPARED', 2, 2, 0]);
  });

  test('that is an archive of a scene is read in part, its claim kept, and known by what the store knows of its content', async () => {
    const bands = ['B02', 'B11', 'B01'].map((name) => ({ name, data_type: 'uint16' }));
    const archived = await editedPackage(smallModel(bands, [4, 4]));
    const noise = { name: 'preview.jpg', bytes: new Uint8Array(100_000) };
    const transform = () => encodeZip([...within(`${SAFE}/`, safeFiles()), noise]);
    const models = { serving: servingOf(ref), load: async () => archived };
    let looks = 0;
    const slow = () => new Date(now.getTime() + 5000 * ++looks);
    const contentDigest = async () => 'c7'.repeat(32);
    const bench = makeBench([], { models, now: slow }, { transform, contentDigest });
    assert.equal((await bench.preprocess()).status, 'ready');
    const row = await ledger.get(bench.scene, ref);
    assert.deepEqual([row?.chips, row?.digest, row?.acquired?.at], [9, 'c7'.repeat(32), '2023-06-25T23:46:21.024Z']);
    assert.ok(bench.bytesPulled() < 1000);
    assert.ok((bench.calls.get('renew') ?? 0) > 2);
  });

  test('that takes long keeps its claim', async () => {
    let looks = 0;
    const slow = () => new Date(now.getTime() + 5000 * ++looks);
    const bench = makeBench(Array(24).fill({ value: 33 }), { now: slow });
    await bench.preprocess();
    const renewals = bench.calls.get('renew') ?? 0;
    const seconds = 5 * looks;
    assert.ok(renewals > seconds / 30 && renewals <= seconds / 20, `${renewals} renewals in ${seconds} s`);
  });

  describe('says how long it took from its claim on,', () => {
    const ticking = (milliseconds: number) => {
      let looks = 0;
      return () => new Date(now.getTime() + milliseconds * looks++);
    };

    test('prepared or as a duplicate', async () => {
      const chips = [{ value: 34 }, { value: 35 }];
      const [first, second] = [makeBench(chips, { now: ticking(7) }), makeBench(chips, { now: ticking(7) })];
      await first.preprocess();
      const row = await ledger.get(first.scene, ref);
      const preprocess = Date.parse(row!.preparedAt!) - Date.parse(row!.claimedAt);
      assert.ok(preprocess >= 7);
      assert.deepEqual(row?.milliseconds, { preprocess });
      await second.preprocess();
      assert.deepEqual((await ledger.get(second.scene, ref))?.milliseconds, { preprocess, total: preprocess });
    });

    test('which is 0 if the clock was set back', async () => {
      const bench = makeBench([{ value: 39 }], { now: ticking(-7) });
      await bench.preprocess();
      assert.deepEqual((await ledger.get(bench.scene, ref))?.milliseconds, { preprocess: 0 });
    });
  });

  test('that was taken over while its worker slept is left alone', async () => {
    let asleep = 0;
    const bench = makeBench([{ value: 36 }, { value: 37 }, { value: 38 }], {
      now: () => new Date(now.getTime() + asleep),
      writeResult: async () => {
        assert.equal(asleep, 0, 'nothing is written after it wakes up');
        const later = 61_000;
        const request = { scene: bench.scene, model: ref, execution: 'other', now: new Date(now.getTime() + later) };
        assert.equal((await ledger.claim({ ...request, leaseSeconds: 60, attemptLimit: 3 })).held, true);
        asleep = later; // and not before: who reads on meanwhile would renew the lease
      },
    });
    await assert.rejects(bench.preprocess(), ClaimLost);
    assert.equal((await ledger.get(bench.scene, ref))?.execution, 'other');
  });

  test('whose bytes came before is a DUPLICATE of that run, and counts nothing', async () => {
    const chips = [{ value: 21 }, { value: 22 }];
    const [first, second] = [makeBench(chips), makeBench(chips)];
    await first.preprocess();
    assert.deepEqual(await second.preprocess(), { status: 'duplicate', run: { id: runId(second.scene, ref) } });
    const row = await ledger.get(second.scene, ref);
    assert.deepEqual([row?.state, row?.duplicateOf, row?.chips], ['DUPLICATE', runId(first.scene, ref), undefined]);
    assert.ok(!second.calls.has('listVersions'), 'nothing can be left of a first attempt');
  });

  test('whose owner fails while it becomes its duplicate takes its place', async () => {
    const chips = [{ value: 31 }, { value: 32 }];
    const first = makeBench(chips);
    await first.preprocess();
    let isFirst = true;
    const advance: typeof ledger.advance = async (...change) => {
      if (isFirst) {
        const row = (await ledger.get(first.scene, ref))!;
        await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, now);
        await ledger.letTakeOver((await ledger.get(second.scene, ref))!);
      }
      isFirst = false;
      return ledger.advance(...change);
    };
    const second = makeBench(chips, { ledger: { ...ledger, advance } });
    assert.equal((await second.preprocess()).status, 'ready');
    const row = await ledger.get(second.scene, ref);
    assert.deepEqual([row?.state, row?.attempt, row?.duplicateOf, row?.heir], ['PREPARED', 1, undefined, undefined]);
  });

  describe('that failed after it was classified, and whose bytes are another’s by now', () => {
    /** Its second attempt, with what the first has left behind. */
    async function makeSecond(value: number, ports: Partial<PreprocessPorts> = {}) {
      const chips = [{ value }, { value: value + 1 }, { value: value + 2 }];
      const [failed, other] = [makeBench(chips, ports), makeBench(chips)];
      await failed.preprocess();
      const row = (await ledger.get(failed.scene, ref))!;
      await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, now);
      await other.preprocess();
      const run = { id: row.run, model: ref, day: row.day! };
      const keys = [0, 1, 2].map((part) => predictionsKey(run, part));
      for (const key of keys) failed.results.put(key, new Uint8Array());
      return { bench: failed, keys };
    }

    test('has its predictions removed, whichever part wrote them', async () => {
      const { bench, keys } = await makeSecond(90);
      assert.equal((await bench.preprocess()).status, 'duplicate');
      assert.ok(!keys.some((key) => bench.results.objects.has(key)));
    });

    test('takes nothing away once its claim is another’s', async () => {
      let asleep = 0;
      const { bench, keys } = await makeSecond(95, {
        now: () => new Date(now.getTime() + asleep),
        listVersions: async (prefix) => {
          asleep = 61_000;
          const request = { scene: bench.scene, model: ref, execution: 'other', now: new Date(now.getTime() + asleep) };
          assert.equal((await ledger.claim({ ...request, leaseSeconds: 60, attemptLimit: 3 })).held, true);
          return bench.results.ports.listVersions(prefix);
        },
      });
      await assert.rejects(bench.preprocess(), ClaimLost);
      assert.ok(keys.every((key) => bench.results.objects.has(key)));
    });
  });

  test('is prepared by the model version that a rerun names, not by the one promoted since', async () => {
    const bench = makeBench([{ value: 31 }]);
    const other = { name: 'baseline', version: '0.9.0' };
    await bench.preprocess({ scene: bench.scene, model: other });
    assert.equal((await ledger.get(bench.scene, other))?.state, 'PREPARED');
    assert.equal(await ledger.get(bench.scene, ref), undefined);
  });
});

describe('where several models are live', () => {
  const beside = { name: 'beside', version: '2.0.0' };
  const third = { name: 'third', version: '1.0.0' };
  const serving = liveOf({ model: ref }, { model: beside }, { model: third, accepts: ['south/*'] });
  const models = { serving, load: async () => model };
  /** Takes down what is started, by the names that the state machine refuses a second time. */
  function makeDoor() {
    const names = new Set<string>();
    const started: string[] = [];
    const accept = makeAccept({
      start: async (name, input) => {
        if (names.has(name)) return 'known';
        names.add(name);
        started.push(sceneEventSchema.parse(input).model!.name);
        return 'started';
      },
    });
    return { accept, started };
  }

  test('the first that takes a file is its own, and each other one has an execution, however often the event comes', async () => {
    const { accept, started } = makeDoor();
    const bench = makeBench([{ value: 33 }], { models, accept });
    const { status } = await bench.preprocess();
    assert.deepEqual([status, started], ['ready', ['beside']]);
    assert.equal((await ledger.get(bench.scene, ref))?.state, 'PREPARED');
    assert.equal(await ledger.get(bench.scene, beside), undefined, 'its own execution claims it');
    await bench.preprocess();
    assert.deepEqual(started, ['beside']);
  });

  test('an execution that names its model starts no other', async () => {
    const { accept, started } = makeDoor();
    const bench = makeBench([{ value: 31 }], { models, accept });
    await bench.preprocess({ scene: bench.scene, model: beside });
    assert.deepEqual(started, []);
    assert.equal((await ledger.get(bench.scene, beside))?.state, 'PREPARED');
  });

  test('a step that dies between two starts is repeated, and starts the missing ones', async () => {
    const all = liveOf({ model: ref }, { model: beside }, { model: third });
    const { accept, started } = makeDoor();
    let asked = 0;
    const dying: Accept = async (arrival) => {
      asked += 1;
      if (asked === 2) throw new TransientTrouble('died');
      return accept(arrival);
    };
    const bench = makeBench([{ value: 32 }], { models: { ...models, serving: all }, accept: dying });
    await assert.rejects(bench.preprocess(), TransientTrouble);
    assert.deepEqual(started, ['beside']);
    assert.equal(await ledger.get(bench.scene, ref), undefined, 'nothing is claimed before');
    await bench.preprocess();
    assert.deepEqual(started, ['beside', 'third']);
    assert.equal((await ledger.get(bench.scene, ref))?.state, 'PREPARED');
  });

  test('a file that none of them takes is not claimed', async () => {
    const none = { ...models, serving: liveOf({ model: third, accepts: ['south/*'] }) };
    const bench = makeBench([{ value: 31 }], { models: none });
    await assert.rejects(bench.preprocess(), { name: 'NoModelPromoted', message: /^No live model takes north\// });
  });

  test('the same bytes under another name are a duplicate for each of them by itself', async () => {
    for (const one of [ref, beside]) {
      const chips = [{ value: 77 }, { value: 78 }];
      const [first, second] = [makeBench(chips), makeBench(chips)];
      assert.equal((await first.preprocess({ scene: first.scene, model: one })).status, 'ready');
      assert.equal((await second.preprocess({ scene: second.scene, model: one })).status, 'duplicate');
    }
  });
});

describe('one pass', () => {
  test('holds no more than a part: each is written before much more than it was read', async () => {
    const chips = Array.from({ length: 400 }, (_, i) => ({ value: 1 + (i % 200) }));
    const bench = makeBench(chips);
    await bench.preprocess();
    const perPart = bench.file.length / 200;
    assert.equal(bench.bytesPulledAtWrite.length, 200);
    for (const [part, pulled] of bench.bytesPulledAtWrite.entries()) {
      const needed = perPart * (part + 1);
      const most = Math.max(HEAD_BYTES, needed) + 2 * CHUNK;
      assert.ok(pulled >= needed && pulled < most, `part ${part}: ${pulled} bytes for ${needed}`);
    }
  });

  test('makes so many calls, however large the file, and one write a part', async () => {
    const bench = makeBench(Array.from({ length: 50 }, () => ({ value: 3 })));
    await bench.preprocess();
    const once = { serving: 1, load: 1, openScene: 1, claim: 1, hasChanged: 1, claimContent: 1, advance: 1 };
    assert.deepEqual(Object.fromEntries(bench.calls), { ...once, writeResult: 25, close: 1 });
  });

  for (const [status, state] of [
    ['settled', 'DONE'],
    ['claimed', 'CLAIMED'],
  ] as const)
    test(`leaves a run of another execution alone that is ${state}`, async () => {
      const bench = makeBench([{ value: 41 }]);
      const { row } = await claim(bench.scene);
      if (state === 'DONE') await ledger.advance(row, state, now);
      assert.deepEqual(await bench.preprocess(), { status, run: { id: row.run }, state });
      assert.deepEqual(bench.touched(), { written: 0, pulled: 0, closed: 1 });
    });

  test('may be repeated by its own execution, with the same result', async () => {
    const bench = makeBench([{ value: 43 }, { value: 44 }, { value: 45 }]);
    assert.deepEqual(await bench.preprocess(), await bench.preprocess());
    assert.equal(bench.results.objects.size, 2);
  });

  test('of a second attempt writes the keys of the first, after midnight and after a change of parameters', async () => {
    const bench = makeBench([{ value: 46 }, { value: 47 }, { value: 48 }]);
    const { row } = await claim(bench.scene, { day: '2026-02-27', chipsPerPart: 1 });
    await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, now);
    const result = await bench.preprocess();
    assert.ok(result.status === 'ready');
    assert.deepEqual([result.run.attempt, result.run.day, result.parts], [2, '2026-02-27', [0, 1, 2]]);
  });
});

describe('a pass that goes wrong', () => {
  const broken = (bytes: Uint8Array) =>
    Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 20 ? byte ^ 1 : byte));
  const chips = Array.from({ length: 5 }, (_, i) => ({ value: 51 + i }));

  test('for a damaged file fails, and leaves no numbers of the former parts in the ledger', async () => {
    const bench = makeBench(chips, {}, { transform: broken });
    await assert.rejects(bench.preprocess(), { name: 'InvalidSceneFile', message: /record 4 at byte \d+ is damaged/ });
    assert.equal(bench.results.objects.size, 2);
    const row = await ledger.get(bench.scene, ref);
    assert.deepEqual([row?.state, row?.chips, row?.digest], ['CLAIMED', undefined, undefined]);
    assert.equal(bench.calls.get('close'), 1);
  });

  test('for a file that changed meanwhile does not call it invalid', async () => {
    const bench = makeBench(chips, {}, { transform: broken, hasChanged: true });
    await assert.rejects(bench.preprocess(), SceneFileChanged);
  });

  test('for a file that changed into another good one does not take that for the version asked for', async () => {
    const bench = makeBench([{ value: 61 }], {}, { hasChanged: true });
    const message = `${bench.scene.key} changed while it was read. Its new content is a run of its own.`;
    await assert.rejects(bench.preprocess(), { name: 'SceneFileChanged', message });
    assert.equal((await ledger.get(bench.scene, ref))?.state, 'CLAIMED');
    assert.ok(!bench.calls.has('claimContent'));
  });

  test('because the service stops ends at the next chunk', async () => {
    const stopping = new AbortController();
    const bench = makeBench(Array(400).fill({ value: 62 }), { writeResult: async () => stopping.abort() });
    await assert.rejects(bench.preprocess({ scene: bench.scene }, stopping.signal), Interrupted);
    const partsInHead = Math.floor(HEAD_BYTES / (bench.file.length / 200)); // it comes as one chunk
    assert.equal(bench.calls.get('writeResult'), partsInHead);
    assert.ok(bench.bytesPulled() < HEAD_BYTES + 4 * CHUNK);
    assert.equal(bench.calls.get('close'), 1);
  });

  test('for a file of more parts than an execution has events for names the limit', async () => {
    const chips = Array.from({ length: MAX_PARTS + 1 }, () => ({ value: 64 }));
    const bench = makeBench(chips, { chipsPerPart: 1 });
    const found = `${bench.scene.key}: found more than ${MAX_PARTS} chips to classify, which is the limit of one file. `;
    await assert.rejects(bench.preprocess(), new InvalidSceneFile(`${found}Send it in several files.`));
    const most = makeBench([...chips.slice(1), { value: 0 }], { chipsPerPart: 1 });
    assert.equal((await most.preprocess()).status, 'ready', 'blanks are not counted');
  });

  for (const [what, ports] of [
    ['the connection', { openScene: () => Promise.reject(new Error('lost')) }],
    ['the promoted model', { models: { serving: () => Promise.reject(new Error('lost')), load: async () => model } }],
    ['the model', { models: { serving: servingOf(ref), load: () => Promise.reject(new Error('lost')) } }],
  ] as const)
    test(`for want of ${what} claims nothing, and its log line says whose it was`, async () => {
      const bench = makeBench([{ value: 63 }], ports);
      await assert.rejects(bench.preprocess(), /lost/);
      assert.equal(await ledger.get(bench.scene, ref), undefined);
      const run = what === 'the promoted model' ? undefined : runId(bench.scene, ref); // no model, no run
      assert.deepEqual([bench.log['key'], bench.log['run']], [bench.scene.key, run]);
    });

  test('at several ports at once is thrown once, without an unhandled rejection', async () => {
    const lost = () => Promise.reject(new Error('lost'));
    const serving = () => new Promise<never>((_, reject) => setImmediate(() => reject(new Error('no model'))));
    const ports = { openScene: lost, models: { serving, load: async () => model } };
    await assert.rejects(makeBench([{ value: 65 }], ports).preprocess(), /no model/);
  });
});

function claim(scene: SceneRef, fixed = { day: '2026-02-28', chipsPerPart: 2 }) {
  return ledger.claim({ scene, model: ref, execution: 'other', now, leaseSeconds: 60, attemptLimit: 3, fixed });
}
