import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { putVersion } from '../../../test/benches/packages.ts';
import { modelOf, partOf, predict } from '../../../test/benches/predictions.ts';
import { type Guess, MODEL, startTestService } from '../../../test/benches/service.ts';
import { predictionsKey } from '../../base/keys.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { MASKED } from '../../package/carry.ts';
import type { Mask } from '../../package/facts.ts';
import { FOOTPRINT_NUMBERS } from '../../scenes/raster/footprint.ts';
import { inRow } from '../../tasks/registry.ts';
import { compareRuns, pairedChips, pairRuns } from './compareRuns.ts';

test('runs are paired by their content; of several for the same content, the latest counts', () => {
  const row = (run: string, digest: string | undefined, changed: number) =>
    ({ run, digest, changed: `2026-03-0${changed}` }) as LedgerRow;
  const pairs = pairRuns(
    [
      row('old', 'a', 1),
      row('new', 'a', 2),
      row('unknown', undefined, 3),
      row('alone', 'b', 1),
      row('two', 'd', 1),
      row('three', 'd', 1),
    ],
    [
      row('later', 'a', 5),
      row('earlier', 'a', 3),
      row('other', 'c', 1),
      row('unknown too', undefined, 1),
      row('four', 'd', 2),
    ],
  );
  assert.deepEqual(new Set(pairs.map(([one, other]) => `${one.run} ${other.run}`)), new Set(['new later', 'two four']));
});

test('a chip that one version alone has not left out, as blank or masked, is paired with no prediction', async () => {
  const mask = (share: number): Mask => ({ band: 0, values: [1], bits: 0, share });
  const model = modelOf(['a', 'b'].map((name, value) => ({ name, value })));
  const results = new Map<string, Uint8Array>();
  const ran = (version: string, hidden: number[], ofMask: Mask) => {
    const run = { id: version.repeat(9), model: { name: 'model', version }, day: '2026-03-02' };
    const of = { ...model, version, mask: ofMask };
    const part = partOf(hidden.length, { carried: [{ ...MASKED, values: hidden }] } as never);
    const { sum, bytes } = predict(
      of,
      hidden.map(() => [0.9, 0.1]),
      { run: run.id, digest: 'd', scene: 's' },
      part,
    );
    results.set(predictionsKey(run, 0), bytes);
    return {
      ...run,
      run: run.id,
      state: 'DONE',
      parts: 1,
      digest: 'd',
      scene: { key: 's' },
      ...inRow(sum, of),
    } as never;
  };
  const masks = [mask(0.5), mask(0.1)];
  const pair = [ran('1', [0, 0.3, 0.9, 0], masks[0]!), ran('2', [0, 0.3, 0.9], masks[1]!)] as const; // the fourth is blank to the second
  const read = async (key: string) => results.get(key)!;
  const pairs = await Array.fromAsync(pairedChips(read, [pair], masks));
  assert.deepEqual(
    pairs.map(({ first, second }) => [first.index, first.text, second.text]),
    [
      [0, 'a', 'a'],
      [1, 'a', null],
      [3, 'a', null],
    ],
  );
  const others = await Array.fromAsync(pairedChips(read, [pair.toReversed() as never], masks.toReversed()));
  assert.deepEqual(others.map(({ first, second }) => [first.index, first.text, second.text]).sort(), [
    [0, 'a', 'a'],
    [1, null, 'a'],
    [3, null, 'a'],
  ]);
});

test('chips of two versions are paired by their windows of a raster, whatever their numbers in it are', async () => {
  const model = modelOf(['a', 'b'].map((name, value) => ({ name, value })));
  const results = new Map<string, Uint8Array>();
  const cut = (version: string, x: number[]) => {
    const run = { id: version.repeat(9), model: { name: 'model', version }, day: '2026-03-02' };
    const all = (value: number) => new Int32Array(x.length).fill(value);
    const unplaced = (numbers: number) => new Float64Array(x.length * numbers).fill(Number.NaN);
    const place = { footprint: unplaced(FOOTPRINT_NUMBERS), hectares: unplaced(1) };
    const window = { x: Int32Array.from(x), y: all(0), width: all(8), height: all(8), ...place };
    const origin = { run: run.id, digest: 'd', scene: 's' };
    const { sum, bytes } = predict(
      { ...model, version },
      x.map(() => [0.9, 0.1]),
      origin,
      partOf(x.length, { window }),
    );
    results.set(predictionsKey(run, 0), bytes);
    const row = { ...run, run: run.id, state: 'DONE', parts: 1, digest: 'd', scene: { key: 's' } };
    return { ...row, ...inRow(sum, model) } as never;
  };
  const pair = [cut('1', [0, 8, 16]), cut('2', [0, 4, 8, 12, 16])] as const;
  const pairs = await Array.fromAsync(pairedChips(async (key) => results.get(key)!, [pair]));
  assert.deepEqual(
    pairs.map(({ first, second }) => [first.index, first.text, second.index, second.text]),
    [
      [0, 'a', 0, 'a'],
      [1, 'a', 2, 'a'],
      [2, 'a', 4, 'a'],
      [1, null, 1, 'a'],
      [3, null, 3, 'a'],
    ],
  );
});

describe('the comparison of two versions by their runs', async () => {
  const CANDIDATE = { name: MODEL.name, version: '1.1.0' };
  const swath = await startTestService();
  await putVersion(swath.models, CANDIDATE.version);
  const [first, second] = await Promise.all([swath.service.models.load(MODEL), swath.service.models.load(CANDIDATE)]);

  const chips = (count: number, of: number): Guess[] => Array.from({ length: count }, () => ({ class: of, truth: 0 }));
  await swath.finish('a', chips(30, 0), MODEL);
  await swath.finish('a', chips(30, 1), CANDIDATE);
  await swath.finish('b', chips(5, 0), MODEL);
  await swath.finish('c', chips(5, 1), CANDIDATE);
  await swath.finish('d', chips(5, 1), CANDIDATE);

  /** Each file's content is its own; a chip took so many milliseconds in each run. */
  const ledger = (times: Record<string, number>) => ({
    byState: async (...asked: Parameters<typeof swath.service.ledger.byState>) => {
      const page = await swath.service.ledger.byState(...asked);
      const rows = page.rows.map((row) => {
        const chip = times[`${row.scene.key} ${row.model.version}`];
        const { chip: _, ...others } = { chip: 0, ...row.milliseconds };
        return { ...row, digest: row.scene.key, milliseconds: { ...others, ...(chip !== undefined && { chip }) } };
      });
      return { ...page, rows: rows as LedgerRow[] };
    },
  });
  const since = new Date('2026-03-01');
  const compare = (times: Record<string, number> = {}, more: object = {}) =>
    compareRuns({ ...swath.service, ledger: ledger(times) }, { first, second, since, ...more });

  test('is over the files that both have classified, and counts the others', async () => {
    const { files, chips, alone, rightByOne, changed, memory, ...about } = await compare();
    assert.deepEqual(files, { both: 1, firstOnly: 1, secondOnly: 2 });
    assert.deepEqual([chips, alone, memory], [30, { first: 0, second: 0 }, null]);
    assert.partialDeepStrictEqual(rightByOne, { chips: 30, first: 30, second: 0 });
    assert.equal(changed.length, 24, 'so many of those that differ are kept');
    assert.deepEqual([about.first.version, about.second.version], ['1.0.0', '1.1.0']);
  });

  test('is over the wanted runs only', async () => {
    const isWanted = ({ scene }: LedgerRow) => scene.key !== 'a';
    const { files, difference } = await compare({}, { isWanted });
    assert.deepEqual([files, difference], [{ both: 0, firstOnly: 1, secondOnly: 2 }, null]);
  });

  test('says the least time of a chip in the files that both have classified, if it is known', async () => {
    assert.deepEqual((await compare({ 'a 1.0.0': 5, 'b 1.0.0': 1 })).milliseconds, { first: 5, second: null });
    assert.deepEqual((await compare({ 'a 1.0.0': 5, 'a 1.1.0': 7, 'c 1.1.0': 2 })).milliseconds, {
      first: 5,
      second: 7,
    });
  });
});
