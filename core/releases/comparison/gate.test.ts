import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { PROPERTIES, putVersion } from '../../../test/benches/packages.ts';
import { type Guess, MODEL, startTestService } from '../../../test/benches/service.ts';
import type { GateRules } from '../../package/gateRules.ts';
import { accuracyDifference } from './accuracyDifference.ts';
import { type Evidence, makeGate, refusalsOf } from './gate.ts';

const evidence = (said: Partial<Evidence> = {}): Evidence => ({
  first: { name: 'land', version: '1.0.0' },
  second: { name: 'land', version: '2.0.0' },
  chips: 1000,
  alone: { first: 0, second: 0 },
  rightByOne: { chips: 500, both: 380, first: 20, second: 25, p: 0.55 },
  errors: null,
  milliseconds: { first: 2, second: 3 },
  difference: { agreement: 0.9, counted: { of: 'chip', n: 1000, alone: 0 } },
  ...said,
});
const refused = (rules: GateRules, said?: Partial<Evidence>) =>
  refusalsOf(rules, evidence(said)).map(({ rule, sentence }) => `${rule}: ${sentence.replaceAll('\u00a0', ' ')}`);

describe('the rules', () => {
  test('that are met refuse nothing, even exactly at the limit', () => {
    assert.deepEqual(
      refused({ max_accuracy_drop: 0.02, min_agreement: 0.9, max_time_ratio: 1.5, min_chips: 1000 }),
      [],
    );
    assert.deepEqual(refused({}), []);
    const rightByOne = { chips: 500, both: 380, first: 40, second: 25, p: 0.08 };
    const drop = -accuracyDifference(rightByOne, 0.95).low;
    assert.deepEqual(refused({ max_accuracy_drop: drop }, { rightByOne }), []);
    const errors = { chips: 500, first: 2, second: 2.5, difference: 0.5, deviation: 0 };
    assert.deepEqual(refused({ max_error_rise: 0.5 }, { errors }), []);
  });

  test('explain each refusal in a sentence with the figures', () => {
    const rightByOne = { chips: 500, both: 380, first: 40, second: 25, p: 0.08 };
    assert.deepEqual(refused({ max_accuracy_drop: 0.02, min_agreement: 0.95, max_time_ratio: 1.4 }, { rightByOne }), [
      'max_accuracy_drop: Accuracy: of 500 chips whose truth is known, 2.0.0 has 405 right and 1.0.0 420; at 95 % confidence it may be lower by up to 5.718 percentage points, allowed are 2 percentage points (max_accuracy_drop 0.02).',
      'min_agreement: Agreement: 1.0.0 and 2.0.0 say the same of 90 % of 1,000 chips, allowed are at least 95 % (min_agreement 0.95).',
      'max_time_ratio: Time: to infer a chip takes 3 ms with 2.0.0 and 2 ms with 1.0.0, 1.5 times as long; allowed are 1.4 times (max_time_ratio 1.4).',
    ]);
  });

  test('name the requested confidence, however close to 100 %', () => {
    for (const [confidence, said] of [
      [0.999, /; at 99\.9 % confidence it may be lower/],
      [0.975, /; at 97\.5 % confidence it may be lower/],
    ] as const)
      assert.match(refused({ max_accuracy_drop: 0.001, confidence })[0]!, said);
  });

  describe('on errors of values', () => {
    // Upper limit at 95 %: 0.1 + 1.6479 × 1 / √500 = 0.1737 (scipy.stats.t.ppf(0.95, 499) is 1.64791…).
    const ofValues: Partial<Evidence> = {
      errors: { chips: 500, first: 2, second: 2.1, difference: 0.1, deviation: 1 },
      difference: { meanAbsoluteDifference: 1.5, counted: { of: 'chip', n: 1000, alone: 0 } },
      rightByOne: null,
    };

    test('pass if the upper limit of the rise and the difference are within the allowed values', () => {
      assert.deepEqual(refused({ max_error_rise: 0.174, max_mean_absolute_difference: 1.5 }, ofValues), []);
    });

    test('explain a refusal with the figures, in the unit of the values', () => {
      assert.deepEqual(refused({ max_error_rise: 0.1736, max_mean_absolute_difference: 1.25 }, ofValues), [
        'max_error_rise: Error: over 500 chips whose truth is known, the mean absolute error is 2.1 with 2.0.0 and 2 with 1.0.0; at 95 % confidence it may be higher by up to 0.1737, allowed are 0.1736 (max_error_rise 0.1736).',
        'max_mean_absolute_difference: Agreement: 1.0.0 and 2.0.0 have a mean absolute difference of 1.5 over 1,000 chips; allowed are 1.25 (max_mean_absolute_difference 1.25).',
      ]);
    });

    for (const [first, second, isRefused] of [
      [310, 0, true],
      [310, 309, true],
      [310, 310, false],
      [0, 310, false],
    ] as const)
      test(`${isRefused ? 'refuse' : 'pass'} with ${first} chips that the live version alone predicts and ${second} that the other does, because of a missing value no error is known`, () => {
        const rules = { max_error_rise: 9, max_mean_absolute_difference: 9 };
        const found = refused(rules, { ...ofValues, alone: { first, second } });
        assert.equal(found.length, isRefused ? 2 : 0);
        if (second === 0 && isRefused)
          assert.deepEqual(found, [
            'max_error_rise: Data: 2.0.0 predicts 1,000 chips, and 1.0.0 1,310 (max_error_rise 9).',
            'max_mean_absolute_difference: Data: 2.0.0 predicts 1,000 chips, and 1.0.0 1,310 (max_mean_absolute_difference 9).',
          ]);
      });

    test('want more data for more confidence, so that few chips are no advantage', () => {
      const rises = (confidence: number) => refused({ max_error_rise: 0.18, confidence }, ofValues).length;
      assert.deepEqual([rises(0.9), rises(0.95), rises(0.99)], [0, 0, 1]);
      const errors = { chips: 2, first: 2, second: 2.1, difference: 0.1, deviation: 1 };
      assert.equal(refused({ max_error_rise: 0.18 }, { errors }).length, 1);
    });

    test('refuse a candidate without truth, or with the truth of only one chip', () => {
      assert.match(
        refused({ max_error_rise: 9 })[0]!,
        /^max_error_rise: Error: none of the 1,000 chips .* "swath truth"/,
      );
      const errors = { chips: 1, first: 2, second: 2, difference: 0, deviation: null };
      assert.match(refused({ max_error_rise: 9 }, { errors })[0]!, /: Error: only one of the 1,000 chips /);
    });
  });

  describe('on the accuracy of maps', () => {
    // Upper limit of the rise of wrong pixels at 95 %: 0.02 + 1.6479 × 0.1 / √500 = 0.02737 (scipy.stats.t.ppf(0.95, 499)).
    const ofMaps: Partial<Evidence> = {
      errors: { chips: 500, first: 0.2, second: 0.22, difference: 0.02, deviation: 0.1 },
      difference: { agreement: 0.9, counted: { of: 'pixel', n: 10_000, alone: 0 } },
      rightByOne: null,
    };

    test('pass if it is lower by at most what is allowed', () => {
      assert.deepEqual(refused({ max_accuracy_drop: 0.0274 }, ofMaps), []);
    });

    test('are not met by few chips, though both versions have all of them right', () => {
      // The limit of chips that are all alike is Tango's, -z² / (n + z²), with z² = 2.7055 (scipy.stats.norm.ppf(0.95) ** 2).
      const alike = (chips: number) => ({ chips, first: 0, second: 0, difference: 0, deviation: 0 });
      const drops = [2, 50, 300].map((chips) =>
        refused({ max_accuracy_drop: 0.01 }, { ...ofMaps, errors: alike(chips) }),
      );
      assert.deepEqual(
        drops.map(([sentence]) => sentence?.match(/lower by up to ([\d.]+)/)?.[1]),
        ['57.5', '5.133', undefined],
      );
    });

    test('explain a refusal with the shares of right pixels', () => {
      assert.deepEqual(refused({ max_accuracy_drop: 0.0273 }, ofMaps), [
        'max_accuracy_drop: Accuracy: of the pixels of 500 chips whose truth is known, 2.0.0 has 78 % right and 1.0.0 80 %; at 95 % confidence it may be lower by up to 2.737 percentage points, allowed are 2.73 percentage points (max_accuracy_drop 0.0273).',
      ]);
    });

    test('refuse a candidate without truth, of a single chip, or of a single scene', () => {
      const none = refused({ max_accuracy_drop: 0.9 }, { ...ofMaps, errors: null });
      assert.match(none[0]!, /: Accuracy: none of the 1,000 chips that both have classified has a known truth/);
      const one = { ...ofMaps.errors!, chips: 1, deviation: null };
      assert.match(refused({ max_accuracy_drop: 0.9 }, { ...ofMaps, errors: one })[0]!, /: only one of the 1,000 /);
      const byScenes = { mean: 0.02, error: null, scenes: 1 } as never;
      const ofScene = refused({ max_accuracy_drop: 0.9 }, { ...ofMaps, errors: { ...ofMaps.errors!, byScenes } });
      assert.match(ofScene[0]!, /of a single scene, .* lower by up to 100 percentage points/);
    });
  });

  test('refuse if there are fewer chips than needed, by default 100', () => {
    for (const [chips, rules] of [
      [99, { min_agreement: 0.1 }],
      [499, { min_agreement: 0.1, min_chips: 500 }],
    ] as const) {
      const [said, ...more] = refused(rules, { chips });
      assert.match(
        said!,
        new RegExp(`^min_chips: Data: .* ${chips} chips, needed are ${chips + 1} \\(min_chips\\)\\. Have both`),
      );
      assert.deepEqual(more, []);
    }
    assert.deepEqual(refused({ min_agreement: 0.1, min_chips: 1 }, { chips: 1 }), []);
  });

  test('need more data for more confidence', () => {
    const drop = (confidence: number) => refused({ max_accuracy_drop: 0.02, confidence }).length;
    assert.deepEqual([drop(0.9), drop(0.95), drop(0.9999)], [0, 0, 1]);
  });

  for (const [rule, said, says] of [
    ['max_accuracy_drop', { rightByOne: null }, /none of the 1,000 chips that both have classified has a known truth/],
    [
      'min_agreement',
      { difference: { counted: { of: 'chip', n: 1000, alone: 0 } } },
      /there are no maps of both 1\.0\.0 and 2\.0\.0/,
    ],
    ['max_time_ratio', { milliseconds: { first: 2, second: null } }, /no run of 2\.0\.0 says how long a chip takes/],
    ['max_time_ratio', { milliseconds: { first: 0, second: 2 } }, /no run of 1\.0\.0 says how long a chip takes/],
    ['max_time_ratio', { milliseconds: { first: null, second: 2 } }, /no run of 1\.0\.0 says how long a chip takes/],
  ] as [keyof GateRules, Partial<Evidence>, RegExp][])
    test(`refuse if the evidence is missing: ${rule}, ${Object.keys(said)}`, () => {
      const [sentence, ...more] = refused({ [rule]: 0.5 }, said);
      assert.match(sentence!, says);
      assert.deepEqual(more, []);
    });
});

describe('the gate of a candidate', () => {
  const chips = (count: number, of: number | null): Guess[] =>
    Array.from({ length: count }, () => ({ class: of, truth: 0 }));
  const none = async () => [];
  const unread = () => Promise.reject(new Error('nobody looks'));
  const CANDIDATE = { name: MODEL.name, version: '1.1.0' };
  let swath: Awaited<ReturnType<typeof startTestService>>;

  const put = (version: string, gate?: GateRules) =>
    putVersion(swath.models, version, [`${PROPERTIES}/swath:gate`, gate]);
  const classified = (chips: number, differing: number) => swath.classified(chips, differing, CANDIDATE);

  async function judged(promotionGate = ''): Promise<string[]> {
    const gate = makeGate({ ...swath.service, promotionGate });
    const { refusals } = await gate(await swath.service.models.load(CANDIDATE), MODEL, none);
    return refusals.map(({ rule, sentence }) => `${rule}: ${sentence}`);
  }

  beforeEach(async () => {
    swath = await startTestService();
  });

  test('reads nothing if no rule is set', async () => {
    await put('1.1.0');
    const gate = makeGate({ ...swath.service, promotionGate: '', ledger: { byState: unread } });
    const candidate = await swath.service.models.load(CANDIDATE);
    assert.deepEqual(await gate(candidate, MODEL, unread), { refusals: [] });
  });

  test('applies the strictest rule of both packages and the stage', async () => {
    await put('1.1.0', { min_agreement: 0.5, min_chips: 10 });
    await classified(20, 5);
    assert.deepEqual(await judged(), []);
    const [refusal] = await judged('min_agreement=0.8,min_chips=5');
    assert.match(refusal!, /^min_agreement: .*75\u00a0% of 20 chips, allowed are at least 80\u00a0%/);
    assert.match((await judged('min_agreement=0.5,min_chips=21'))[0]!, /^min_chips: .* 20 chips, needed are 21/);
  });

  test('applies the rules of the live package to a candidate without rules', async () => {
    swath.models.delete(`${MODEL.name}/1.0.0/item.json`);
    await put('1.0.0', { max_accuracy_drop: 0.1, min_chips: 10 });
    await put('1.1.0');
    await classified(50, 20);
    assert.match((await judged())[0]!, /^max_accuracy_drop: .* 1\.1\.0 has 30 right and 1\.0\.0 50;/);
  });

  for (const [title, guesses] of [
    ['has no prediction for', [...chips(14, 0), ...chips(6, null)]],
    ['leaves out as blank', chips(14, 0)],
  ] as const)
    test(`counts what a candidate ${title} as what both do not agree on, and as not right`, async () => {
      await put('1.1.0', { min_agreement: 0.95, max_accuracy_drop: 0.02, min_chips: 10 });
      await swath.finish('a', chips(20, 0), MODEL);
      await swath.finish('a', [...guesses], CANDIDATE);
      const [accuracy, agreement] = await judged();
      assert.match(
        accuracy!,
        /^max_accuracy_drop: .* of 20 chips whose truth is known, 1\.1\.0 has 14 right and 1\.0\.0 20;/,
      );
      assert.match(agreement!, /^min_agreement: .* 70\u00a0% of 20 chips \(6 of which one alone predicts\), allowed/);
    });

  test('ignores chips that both leave out', async () => {
    await put('1.1.0', { min_agreement: 1, min_chips: 10 });
    for (const model of [MODEL, CANDIDATE]) await swath.finish('a', [...chips(20, 0), ...chips(9, null)], model);
    assert.deepEqual(await judged(), []);
  });

  test('ignores runs of more than 30 days ago', async () => {
    await put('1.1.0', { min_agreement: 0.5, min_chips: 10 });
    await classified(20, 0);
    swath.wait(30 * 86_400 - 60);
    assert.deepEqual(await judged(), []);
    swath.wait(120);
    assert.match((await judged())[0]!, /^min_chips: .* have both classified 0 chips/);
  });

  for (const times of [3, 17])
    test(`compares the times of warm models, so that a cold start ${times} times as long is no reason to refuse`, async () => {
      await put('1.1.0', { max_time_ratio: 1.2, min_chips: 10 });
      await classified(20, 0);
      const judgedBy = async (chip: number) => {
        const byState: typeof swath.service.ledger.byState = async (...asked) => {
          const page = await swath.service.ledger.byState(...asked);
          const timed = page.rows.map((row) => {
            const isLive = row.model.version === MODEL.version;
            const milliseconds = isLive ? { infer: 200, chip: 2 } : { infer: times * 200, chip };
            return { ...row, milliseconds: { ...row.milliseconds, ...milliseconds } };
          });
          return { ...page, rows: timed };
        };
        const gate = makeGate({ ...swath.service, ledger: { ...swath.service.ledger, byState }, promotionGate: '' });
        return (await gate(await swath.service.models.load(CANDIDATE), MODEL, none)).refusals.map(({ rule }) => rule);
      };
      assert.deepEqual(await judgedBy(2.4), []);
      assert.deepEqual(await judgedBy(2.5), ['max_time_ratio'], 'a model that is slower itself is refused');
    });

  test('says so where predictions are gone', async () => {
    await put('1.1.0', { min_agreement: 0.5, min_chips: 10 });
    await classified(20, 0);
    swath.results.clear();
    assert.match((await judged())[0]!, /^comparison: Comparison: predictions of both versions no longer exist: /);
  });

  test('passes on any other error', async () => {
    await put('1.1.0', { min_agreement: 0.5, min_chips: 10 });
    await classified(20, 0);
    const byState = () => Promise.reject(new Error('the table cannot be reached'));
    const gate = makeGate({ ...swath.service, ledger: { ...swath.service.ledger, byState }, promotionGate: '' });
    await assert.rejects(gate(await swath.service.models.load(CANDIDATE), MODEL, none), /the table cannot be reached/);
  });

  test('says so where the live package cannot be read', async () => {
    await put('1.1.0', { min_agreement: 0.5 });
    swath.models.delete(`${MODEL.name}/1.0.0/item.json`);
    assert.match((await judged())[0]!, /^comparison: Comparison: 1\.0\.0, which is live, cannot be read/);
  });
});
