import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBaselineFile } from '../../../test/benches/packages.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { Chip } from '../../package/package.ts';
import type { ClaimMessages } from '../../scenes/formats/format.ts';
import { formatOf } from '../../scenes/formats/formats.ts';
import { inOneChunk, rangesIn } from '../../scenes/rangesIn.ts';
import { makeReadChips } from '../../scenes/readChips.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { type Answered, encodeAnswered, encodeGathered, shadowColumn } from './answered.ts';
import { answered } from './format.ts';

const model = await readModelPackage(readBaselineFile);
const { name, version } = model;
const columns = ['label', 'class', 'probability', 'p_0', 'p_1', 'p_2', 'p_3'];
const rowOf = (label: number) => [label, `cows-${label}`, 0.5, 0.25, 0.5, 0.125, 0.125];
const inputOf = (place: number, values: (string | number | null)[] | null, id: string | null = null) => ({
  place,
  id,
  digest: '0'.repeat(64),
  values,
});
const messageOf = (request: string, inputs: Answered['inputs'], more: Partial<Answered> = {}): Answered => ({
  request,
  part: 0,
  model: { name, version },
  at: '2026-03-01T12:00:00.000Z',
  door: 'http',
  columns,
  inputs,
  ...more,
});
const a = messageOf('a', [inputOf(0, rowOf(1), 'north'), inputOf(1, null), inputOf(4, rowOf(0))]);
const b = messageOf('b', [inputOf(0, rowOf(2))]);
const nulls = columns.map(() => null);
const c = messageOf('c', [inputOf(0, nulls)]);
const file = encodeGathered([c, a, b]).bytes;

async function read(
  bytes: Uint8Array,
  claim?: ClaimMessages,
  isTold = true,
  { of = model, live = undefined as ModelRef | undefined } = {},
) {
  const taken: Chip[] = [];
  const chunks = (async function* () {
    const room = new Uint8Array(70); // a chunk is valid until the next
    for (let at = 0; at < bytes.length; at += room.length) {
      const piece = bytes.subarray(at, at + room.length);
      room.set(piece);
      yield room.subarray(0, piece.length);
    }
  })();
  const more = { ...(claim && { claim }), ...(live && { live }) };
  const scene = { key: 'k', size: bytes.length, chunks, range: rangesIn(bytes), ...more };
  if (!isTold) {
    const { format } = formatOf(scene, bytes, [answered]);
    for await (const chips of format.makeReader(model, SCENE_LIMITS)(scene)) taken.push(...chips);
    return { taken, chips: taken.length, blank: 0 };
  }
  const found = await makeReadChips(of, SCENE_LIMITS)(scene, (chip) => void taken.push(chip), [answered]);
  return { ...found, ...found.measured, taken };
}

const placesOf = (chips: readonly Chip[]) =>
  chips.map(({ place, member, request }) => `${place.index} ${request} ${member}`);

describe('an object of answered predictions', () => {
  test('is recognised by its beginning, and other JSON files are not', () => {
    assert.equal(answered.sniff(file, file.length), 'yes');
    assert.equal(answered.sniff(file.subarray(0, '{"answered":{'.length), file.length), 'yes');
    assert.equal(answered.sniff(file.subarray(0, '{"answered":'.length), file.length), 'no');
    for (const text of ['{"id": "r", "inputs": [1]}', '{"answers": [{}]}', '{"type": "Feature"}'])
      assert.equal(answered.sniff(new TextEncoder().encode(text), 1e3), 'no');
  });

  test('gives a shadow version its own predictions, at the same places, and no others', async () => {
    const candidate = { ...model, version: '1.1.0' };
    const more = ['1.1.0', '2.0.0'].flatMap((one) => columns.map((column) => shadowColumn(one, column)));
    const both = (ofLive: number, ofShadow: number) => [...rowOf(ofLive), ...rowOf(ofShadow), ...rowOf(0)];
    const seen = messageOf('d', [inputOf(0, both(1, 3)), inputOf(1, null)], { columns: [...columns, ...more] });
    const { bytes } = encodeGathered([a, seen]);
    const asShadow = await read(bytes, undefined, true, { of: candidate, live: { name, version } });
    assert.deepEqual([asShadow.chips, asShadow.blank], [2, 1]);
    assert.deepEqual(placesOf(asShadow.taken), ['3 d inputs[0]']);
    assert.deepEqual(asShadow.taken[0]!.predicted, rowOf(3));
    const claimed = async () => new Set(['a/0']);
    assert.equal((await read(bytes, claimed, true, { of: candidate, live: { name, version } })).chips, 0);
    const counted = await read(bytes);
    const shadowed = counted.taken.map(({ predicted, isShadowed }) => `${predicted?.[0]} ${isShadowed}`);
    assert.deepEqual(shadowed, ['1 undefined', '0 undefined', '1 true']);
  });

  test('has each input as a chip with its prediction; a blank one counts as blank', async () => {
    const { taken, chips, blank } = await read(file);
    assert.deepEqual([chips, blank], [5, 1]);
    assert.deepEqual(placesOf(taken), ['0 a north', '2 a inputs[4]', '3 b inputs[0]', '4 c inputs[0]']);
    const predicted = taken.map((chip) => chip.predicted);
    assert.deepEqual(predicted, [rowOf(1), rowOf(0), rowOf(2), nulls]);
  });

  test('leaves out messages that another run has claimed, and the others keep their places', async () => {
    const asked: string[][] = [];
    const claim: ClaimMessages = async (ids) => {
      asked.push([...ids]);
      return new Set(ids.filter((id) => id !== 'a/0'));
    };
    const { taken, chips, blank } = await read(file, claim);
    assert.deepEqual([asked.flat(), chips, blank], [['a/0', 'b/0', 'c/0'], 2, 0]);
    assert.deepEqual(placesOf(taken), ['3 b inputs[0]', '4 c inputs[0]']);
    assert.partialDeepStrictEqual(await read(file, async () => new Set()), { chips: 0, blank: 0 });
  });

  test('has no chip to be seen again: no images are kept', () =>
    assert.rejects(async () => answered.readChip({} as never, { index: 3, kind: 'index' }, model), {
      name: 'InvalidSceneFile',
      message: /keeps no images/,
    }));

  test('refuses only the messages whose predictions the model cannot give', async () => {
    const wrong = messageOf('b', [inputOf(0, [9, ...rowOf(2).slice(1)], 'x'), inputOf(1, rowOf(2))]);
    const { bytes } = encodeGathered([a, wrong, c]);
    const { taken, refusals = [] } = (await read(bytes)) as Awaited<ReturnType<ReturnType<typeof makeReadChips>>> & {
      taken: Chip[];
    };
    assert.equal(taken.map(({ place }) => place.index).join(), '0,2,5');
    assert.equal(refusals.map(({ index, name: id }) => `${index} ${id}`).join(), '3 x,4 null');
    assert.match(refusals[0]!.message, /^the request b: found predictions that .* cannot give/);
    await assert.rejects(read(bytes, undefined, false), InvalidSceneFile);
  });

  test('has its messages claimed by the hundred', async () => {
    const messages = Array.from({ length: 150 }, (_, i) => messageOf(`r-${i}`, [inputOf(0, rowOf(1))]));
    const { bytes } = encodeGathered(messages);
    const counts: number[] = [];
    const claim: ClaimMessages = async (ids) => {
      counts.push(ids.length);
      return new Set(ids);
    };
    const chunks = inOneChunk(bytes);
    const scene = { key: 'k', size: bytes.length, chunks, range: rangesIn(bytes), claim };
    for await (const _ of answered.makeReader(model, SCENE_LIMITS)(scene));
    assert.deepEqual(counts, [100, 50]);
  });

  test('may have lines of so many bytes, and no longer ones', async () => {
    const line = `${encodeAnswered(b)}\n`;
    const readBy = async (maxRecordBytes: number) => {
      const chunks = (async function* () {
        yield Buffer.from(line.slice(0, -1));
        yield Buffer.from('\n');
      })();
      const scene = { key: 'k', size: line.length, chunks, range: rangesIn(Buffer.from(line)) };
      for await (const _ of answered.makeReader(model, { ...SCENE_LIMITS, maxRecordBytes })(scene));
    };
    await readBy(line.length - 1);
    await assert.rejects(readBy(line.length - 2), /^InvalidSceneFile: k: found a message of more than \d+ bytes/);
  });

  const other = { name, version: '9.0.0' };
  for (const [what, bytes, why] of [
    ['is cut off', file.subarray(0, file.length - 1), /a last line without its end/],
    ['is of another version', encodeGathered([{ ...a, model: other }]).bytes, /9\.0\.0, and it is read for/],
    ['has an invalid line', new TextEncoder().encode(`${encodeAnswered(a)}\n{}\n`), /cannot be counted/],
    ['is not UTF-8', Buffer.concat([file, Uint8Array.of(255, 10)]), /not UTF-8/],
  ] as const)
    test(`is not a valid scene file if it ${what}`, async () => {
      await assert.rejects(read(bytes), { name: 'InvalidSceneFile', message: why });
    });
});
