import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { valuesIn } from '../core/measures/bands/bandSum.ts';
import { makeProfiler } from '../core/measures/bands/makeProfile.ts';
import { measureBands } from '../core/measures/bands/measureBands.ts';
import type { BandProfile } from '../core/package/bandProfile.ts';
import type { Chip, ModelPackage } from '../core/package/package.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { sfc32 } from '../replay/sfc32.ts';
import { bundledChips, profileOf, shuffled, smallChips, sumsOf } from '../test/benches/bandChips.ts';

/** Profiles of the packages that come with the project: of what they say they are, and what they are worth on chips they have not seen. */

const LIMITS = { threshold: 0.25, minimum: 1 };
const WINDOWS = 1000;

const folderOf = (path: string) => new URL(`${path}/`, import.meta.url);
const packageIn = (path: string) => readModelPackage((file) => readFile(new URL(file, folderOf(path))));

/** Of so many windows, those that pass the noise floor, drift or break a rule in any band. */
function judged(windows: Iterable<{ model: ModelPackage; profile: readonly BandProfile[]; chips: readonly Chip[] }>) {
  const found = { windows: 0, passed: 0, drifted: 0, broken: 0 };
  for (const { model, profile, chips } of windows) {
    const { bands } = sumsOf(model, profile, chips);
    const drift = measureBands(bands!, { profile }, LIMITS);
    found.windows += 1;
    if (drift.some(({ jensenShannon, noiseFloor }) => jensenShannon! > noiseFloor!)) found.passed += 1;
    if (drift.some(({ verdict }) => verdict === 'drift')) found.drifted += 1;
    if (bands!.some(({ violations }) => violations !== undefined)) found.broken += 1;
  }
  return found;
}

function isQuiet({ windows, passed, drifted, broken }: ReturnType<typeof judged>): void {
  assert.equal(windows, WINDOWS);
  for (const [what, count] of Object.entries({ passed, drifted, broken }))
    assert.ok(count <= 0.02 * WINDOWS, `${count} of ${WINDOWS} ${what}`);
}

function* seeds<Made>(make: (random: ReturnType<typeof sfc32>) => Made): Generator<Made> {
  for (let seed = 0; seed < WINDOWS; seed += 1) yield make(sfc32(6, seed, 0));
}

/** What `swath model profile` writes, as it is read again. */
function rounded(profiles: readonly BandProfile[]): object[] {
  return profiles.map((profile) =>
    Object.fromEntries(
      Object.entries(profile).map(([name, value]) => [
        name,
        typeof value === 'number' ? Number(value.toPrecision(6)) : value,
      ]),
    ),
  );
}

describe('droughtwatch-baseline 1.1.0', async () => {
  const { chips } = await bundledChips('droughtwatch-baseline', 'droughtwatch/part-r-00012');
  const model = await packageIn('droughtwatch-baseline/1.1.0');

  test('is 1.0.0 with a profile, and segments: the same model, item and reference', () => {
    const [before, after] = ['1.0.0', '1.1.0'].map((version) => folderOf(`droughtwatch-baseline/${version}`));
    const read = (file: string) => [before!, after!].map((folder) => readFileSync(new URL(file, folder)));
    assert.ok(read('model.onnx')[0]!.equals(read('model.onnx')[1]!));
    assert.ok(read('sample.json')[0]!.equals(read('sample.json')[1]!));
    const [old, made] = read('item.json').map(String);
    const segments = '    "swath:segments": { "sensor": "LC0?" },\n';
    assert.equal(
      made!.replace(segments, ''),
      old!.replace('baseline-1.0.0"', 'baseline-1.1.0"').replace('"version": "1.0.0"', '"version": "1.1.0"'),
    );
    const [{ bands: none, ...reference }, { bands: _, bandMeans: __, ...same }] = read('reference.json').map((json) =>
      JSON.parse(String(json)),
    );
    assert.deepEqual([none, same], [undefined, reference]);
  });

  test('has a profile of the 79 chips of the bundled shard', () => {
    const profiler = makeProfiler(
      model,
      model.source.bands.map(({ name }) => name),
    );
    for (const [index, chip] of chips.entries()) profiler.at({ ...chip, place: { ...chip.place, index } });
    const made = model.source.bands.map(({ name }, source) => ({ name, source, ...profiler.profile()[name]! }));
    assert.deepEqual(rounded(model.profile!), rounded(made));
    for (const band of model.profile!)
      assert.deepEqual([band.chips, valuesIn({ counts: [...band.counts] })], [79, 79 * 32]);
  });

  test('is of a shard whose one half is quiet by a profile of the other, in 98 of 100 ways to cut it', async () => {
    const small = await smallChips();
    isQuiet(
      judged(
        seeds((random) => {
          const order = shuffled(small.chips, random);
          return { model: small.model, profile: profileOf(small.model, order.slice(0, 40)), chips: order.slice(40) };
        }),
      ),
    );
  });
});

for (const { name, sample, count, unseen } of [
  { name: 'landsat-statlog', sample: 'landsat-statlog/test.csv', count: 300, unseen: 0 },
  { name: 'digits', sample: 'digits/t10k-first-500.npz', count: 100, unseen: 250 },
])
  describe(`${name} 1.0.0`, async () => {
    const { model, chips } = await bundledChips(name, sample);
    const profile = model.profile!;

    test(`has 1,000 quiet windows of ${count} chips that its profile has not seen`, () => {
      const others = chips.slice(unseen);
      isQuiet(judged(seeds((random) => ({ model, profile, chips: shuffled(others, random).slice(0, count) }))));
    });

    if (unseen > 0)
      test(`has a profile of the first ${unseen} chips of its sample`, () => {
        const names = profile.map((band) => band.name);
        assert.deepEqual(rounded(profile), rounded(profileOf(model, chips.slice(0, unseen), names)));
      });
  });

test('the packages of one scene have no profile, and their cards say so', async () => {
  for (const path of ['s2-scl/1.0.0', 's2-b8a/1.0.0']) {
    assert.equal((await packageIn(path)).profile, undefined);
    assert.match(readFileSync(new URL('README.md', folderOf(path)), 'utf8'), /Its source bands are not watched: /);
  }
});
