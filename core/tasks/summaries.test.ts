import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editedPackage, smallModel } from '../../test/benches/packages.ts';
import { makeTestResults } from '../../test/benches/results.ts';
import { writeSummaries } from '../../test/benches/summaries.ts';
import { MAX_PARTS } from '../base/limits.ts';
import type { RunRef } from '../base/messages.ts';
import type { ReadObject } from '../base/objectStore.ts';
import { addSummaries } from './summaries.ts';

/** What parts add up to, on its way from infer to drift. */

const model = await editedPackage(smallModel([{ name: 'A', data_type: 'uint8' }], [1, 1]));
const run: RunRef = {
  id: '0f'.repeat(16),
  scene: { bucket: 'inbox', key: 'a', versionId: 'v1' },
  model: { name: 'm', version: '1.0.0' },
  attempt: 1,
  execution: 'e',
  digest: 'ab'.repeat(32),
  day: '2026-03-01',
};
const none = model.classes.map(() => 0);

describe('the summaries of parts', () => {
  test('add up for any number of parts and classes', async () => {
    const many = { ...model, classes: Array.from({ length: 1000 }, (_, value) => ({ value, name: `c${value}` })) };
    const { ports } = makeTestResults();
    const parts = Array.from({ length: 500 }, (_, part) => ({
      part,
      missing: 1,
      probabilitySum: 0.25,
      counts: many.classes.map(({ value }) => (value === 2 * part ? 512 : 1)),
    }));
    // More than a message holds.
    assert.ok(JSON.stringify(parts).length > 3 * 256 * 1024);
    const { sum } = await addSummaries(
      ports.readResult,
      run,
      await writeSummaries(ports.writeResult, run, parts),
      many,
    );
    assert.deepEqual(sum, {
      counts: many.classes.map(({ value }) => (value % 2 === 0 ? 499 + 512 : 500)),
      missing: 500,
      probabilitySum: 125,
    });
  });

  test('add up in each segment of chips', async () => {
    const crops = { ...model, chipSegments: { crop: { column: 'crop', values: ['maize', 'rye'] } } };
    const { ports } = makeTestResults();
    const ofPart = (part: number, segments: object) => ({
      part,
      counts: none,
      missing: 0,
      probabilitySum: 0,
      segments,
    });
    const parts = [
      ofPart(0, { crop: { maize: { counts: [1, 0, 0, 0] } } }),
      ofPart(1, { crop: {} }),
      ofPart(2, {
        crop: {
          maize: { counts: [2, 0, 0, 1], truths: [1, 0, 0, 0], right: [1, 0, 0, 0] },
          rye: { counts: [0, 1, 0, 0] },
        },
      }),
    ];
    const { sum } = await addSummaries(
      ports.readResult,
      run,
      await writeSummaries(ports.writeResult, run, parts),
      crops,
    );
    const maize = { counts: [3, 0, 0, 1], truths: [1, 0, 0, 0], right: [1, 0, 0, 0] };
    assert.deepEqual(sum['segments'], { crop: { maize, rye: { counts: [0, 1, 0, 0] } } });
  });

  test('are read once each, twenty at the same time, and added in the order of the parts', async () => {
    const { ports } = makeTestResults();
    // Of these, another order has another sum.
    const numbers = [1e16, 1, -1e16];
    const parts = Array.from({ length: MAX_PARTS }, (_, part) => ({
      part,
      counts: none,
      missing: 0,
      probabilitySum: numbers[part % numbers.length]!,
    }));
    const classified = await writeSummaries(ports.writeResult, run, parts);
    let [reads, underWay, most] = [0, 0, 0];
    const read: ReadObject = async (key) => {
      reads += 1;
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return ports.readResult(key);
    };
    const { probabilitySum } = (await addSummaries(read, run, classified, model)).sum;
    const expected = parts.reduce((sum, part) => sum + part.probabilitySum, 0);
    assert.deepEqual({ reads, most, probabilitySum }, { reads: MAX_PARTS, most: 20, probabilitySum: expected });
  });

  const whole = { counts: none, missing: 0, probabilitySum: 0.5 };
  for (const [what, wrong] of [
    ['half a count', { ...whole, counts: [0.5] }],
    ['a negative count', { ...whole, counts: [-1] }],
    ['no counts', { ...whole, counts: undefined }],
    ['half a missing chip', { ...whole, missing: 0.5 }],
    ['no number of missing chips', { ...whole, missing: undefined }],
    ['a sum that is no number', { ...whole, probabilitySum: null }],
    ['no sum', { ...whole, probabilitySum: undefined }],
  ] as const)
    test(`are refused with ${what}, also in a message of the previous release`, async () => {
      const read: ReadObject = async () => new TextEncoder().encode(JSON.stringify(wrong));
      await assert.rejects(addSummaries(read, run, [{ part: 0 }], model), { name: 'ZodError' });
      if (wrong.counts !== undefined)
        await assert.rejects(addSummaries(read, run, [{ part: 0, ...wrong }], model), { name: 'ZodError' });
    });
});
