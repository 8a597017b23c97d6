import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { labelShift } from './labelShift.ts';

type Counts = { known: number[][]; predicted: number[]; reference: number[] };
type Case = Counts & { name: string; share: number[]; usual: number[]; error: number[] };
/** Numpy's answers: labelShiftVectors.py. */
const vectors: { cases: Case[]; clipped: Counts & { share: number[]; misfit: number } } = JSON.parse(
  readFileSync(new URL('labelShift.vectors.json', import.meta.url), 'utf8'),
);

const near = (found: number, wanted: number, by: number) =>
  assert.ok(Math.abs(found - wanted) <= by, `${found}, and not ${wanted}`);

describe('the mix of classes, estimated from predictions', () => {
  for (const { name, known, predicted, reference, ...wanted } of vectors.cases)
    test(`equals what numpy finds by importance weights, with the errors of a bootstrap: ${name}`, () => {
      const { classes, misfit } = labelShift(predicted, reference, known)!;
      near(misfit, 0, 1e-7);
      for (const [k, one] of classes.entries()) {
        near(one.share, wanted.share[k]!, 1e-12);
        near(one.reference, wanted.usual[k]!, 1e-12);
        near(one.error, wanted.error[k]!, 0.06 * wanted.error[k]!);
      }
    });

  test('has no share below 0, and says how far it is from explaining the predictions', () => {
    const { known, predicted, reference, share, misfit } = vectors.clipped;
    const found = labelShift(predicted, reference, known)!;
    for (const [k, one] of found.classes.entries()) near(one.share, share[k]!, 1e-12);
    near(found.misfit, misfit, 1e-12);
  });

  test('is found as well where no chip of the first class is recognised', () => {
    const taken = [
      [0, 5],
      [10, 5],
    ];
    const shares = labelShift([30, 70], [50, 50], taken)!.classes.map(({ share }) => share);
    for (const [k, share] of shares.entries()) near(share, [0.4, 0.6][k]!, 1e-12);
  });

  test('takes a class without truth as predicted, and tells nothing of classes that are predicted alike', () => {
    const one = [
      [10, 0],
      [0, 0],
    ];
    const shares = labelShift([30, 70], [50, 50], one)!.classes.map(({ share }) => share);
    assert.deepEqual(shares, [0.3, 0.7]);
    const alike = [
      [5, 10],
      [5, 10],
    ];
    assert.equal(labelShift([30, 70], [50, 50], alike), undefined);
  });
});
