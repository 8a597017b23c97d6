import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTable } from '../../local/stack/service.ts';
import { profileOf, smallChips } from '../../test/benches/bandChips.ts';
import { lookAtChips, MEASURES, measuresInRow } from './registry.ts';
import { measuredShape } from './rowFields.ts';

const { model, chips } = await smallChips();
const look = lookAtChips({ ...model, profile: profileOf(model, chips) });
for (const chip of chips) look.at(chip, false);
look.at({ ...chips[0]!, isOutside: true }, false);
const sums = look.sum();

describe('what the measures write into a row', () => {
  it('are fields of a row, each of which the index by day has too, so that windows and days count it', () => {
    const written = Object.keys(measuresInRow(sums)).toSorted();
    assert.deepEqual(written, Object.keys(measuredShape).toSorted());
    const { GlobalSecondaryIndexes: indexes } = readTable('LedgerTable') as { GlobalSecondaryIndexes: Index[] };
    const projected = indexes.find(({ IndexName }) => IndexName === 'byDay')!.Projection.NonKeyAttributes;
    assert.deepEqual(
      written.filter((field) => !projected.includes(field)),
      [],
    );
  });

  it('are sums of one measure alone', () => {
    const fields = Object.fromEntries(Object.keys(measuredShape).map((field) => [field, null]));
    const kept = MEASURES.flatMap(({ schema }) => Object.keys(schema.parse({ ...fields, ...sums })));
    assert.deepEqual(kept, [...new Set(kept)]);
  });
});

type Index = { IndexName: string; Projection: { NonKeyAttributes: string[] } };
