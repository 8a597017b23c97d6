import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf } from '../../test/benches/predictions.ts';
import { addTotals, totalsOfRun } from '../drift/totals.ts';
import type { ModelPackage } from '../package/package.ts';
import type { ChipTruth } from '../package/task.ts';
import { inRow, taskNamed } from './registry.ts';
import { compareTruths, shownOf } from './shownRegistry.ts';
import { withTruths } from './sums.ts';

describe('the accuracy of predictions that are read is that of the sums of their runs, by scenes:', () => {
  const classes = ['bare', 'crop'].map((name, value) => ({ value, name }));
  for (const [task, right, wrong] of [
    ['classification', { value: 0, truth: 0 }, { value: 0, truth: 1 }],
    ['multilabel', { value: 1, text: 'bare', truth: 'bare' }, { value: 1, text: 'bare', truth: 'crop' }],
    ['segmentation', { value: 0, truth: '0:4/4/4' }, { value: 0, truth: '0:0/4/0 1:4/0/0' }],
  ] as [string, ChipTruth, ChipTruth][])
    test(task, () => {
      const model: ModelPackage = {
        ...modelOf(classes),
        ...{ unit: 'scene', expectedAccuracy: 0.75, reference: [1, 1], task: taskNamed(task) },
      };
      const scenes = [
        ['a', 38],
        ['b', 36],
        ['c', 4],
        ['requests/d.json', 20],
      ] as const;
      const comparison = compareTruths(model);
      const runs = scenes.map(([key, hits]) => {
        const chips = Array.from({ length: 40 }, (_, i) => (i < hits ? right : wrong));
        const scene = key.startsWith('requests/') ? undefined : key;
        for (const chip of chips) comparison.add(chip, scene);
        const sum = withTruths(model.task.summary.zero(model), chips, model.task.countTruths(model));
        return totalsOfRun({ ...inRow(sum, model), scene: { bucket: 'inbox', key, versionId: 'v' } });
      });
      const [read, wanted] = [comparison.accuracy(), shownOf(model).accuracy(runs.reduce(addTotals), model)];
      assert.deepEqual([read!.n, read!.interval, read!.expected], [wanted!.n, wanted!.interval, wanted!.expected]);
      assert.equal(read!.expected!.isMissed, false, 'as it would be by chips');
    });
});
