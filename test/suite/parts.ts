import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedIn } from '../../core/tasks/registry.ts';
import { frames, sceneOf } from '../scenes.ts';
import { golden } from './golden.ts';
import type { Stacked } from './subject.ts';

/** A file of more chips than one part may hold. */
export function parts(stacked: Stacked): void {
  test('a file of many chips is classified in parts, and its rows stay in its order', async () => {
    const { stack, run, unique, predictionsOf } = stacked();
    const { chipsPerPart } = stack.parameters;
    const times = Math.ceil((chipsPerPart + 1) / golden.records.length);
    const file = sceneOf(unique('many'), times * frames.length);
    const row = await run('many', file);
    const classified = times * golden.records.length;
    assert.partialDeepStrictEqual(row, {
      state: 'DONE',
      chips: times * 81,
      blank: times * 2,
      parts: Math.ceil(classified / chipsPerPart),
    });
    assert.deepEqual(
      namedIn(row),
      Object.entries(golden.models.baseline.classes).map(([name, count]) => ({ name, count: times * count })),
    );

    const files = await predictionsOf(row);
    assert.deepEqual(
      files.map(({ key }) => key.slice(key.indexOf(row.run))),
      Array.from({ length: row.parts! }, (_, part) => `${row.run}-${String(part).padStart(5, '0')}.parquet`),
    );
    assert.equal(files[0]!.rows.length, chipsPerPart);
    const rows = files.flatMap((one) => one.rows);
    assert.equal(rows.length, classified);
    for (const [i, { index, offset, length, class: name }] of rows.entries()) {
      const place = i % golden.records.length;
      const round = Math.floor(i / golden.records.length);
      assert.equal(index, round * frames.length + golden.records[place]!.index);
      assert.equal(name, golden.models.baseline.predictions[place]!.class, `record ${index}`);
      const frame = file.subarray(Number(offset), Number(offset) + length);
      assert.ok(index === 0 || frames[index % frames.length]!.equals(frame), `record ${index}`);
    }
  });
}
