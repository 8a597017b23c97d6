import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { strangersIn } from './contents.ts';
import { modulesOf } from './modules.ts';

const metafile = (inputs: Record<string, number>) => {
  const taken = Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]);
  const output = { bytes: 1, imports: [], exports: [], inputs: Object.fromEntries(taken) };
  return { inputs: {}, outputs: { 'handler.cjs': output } };
};

describe('what a bundle holds', () => {
  test('may hold what the function needs, and modules in no part of the table', () => {
    const files = modulesOf(metafile({ 'core/base/run.ts': 1, 'charts/drift.ts': 1, 'elsewhere/a.ts': 1 }));
    assert.deepEqual(strangersIn('report', files), []);
    assert.deepEqual(strangersIn('drift', files), ['charts/drift.ts']);
  });

  test('is what the inner part says of a folder inside another', () => {
    const files = modulesOf(metafile({ 'report/apiPage/docsRoute.ts': 1, 'report/html.ts': 1 }));
    assert.deepEqual(strangersIn('catalogue', files), ['report/html.ts']);
    assert.deepEqual(strangersIn('report', files), ['report/apiPage/docsRoute.ts']);
  });

  test('of packages is what package.json names, and not what those bring along', () => {
    const inner = '../node_modules/@uwdata/flechette/node_modules/@types/node/index.js';
    const found = modulesOf(metafile({ '../node_modules/@uwdata/flechette/a.mjs': 1, [inner]: 1 }));
    assert.deepEqual(strangersIn('drift', found), ['@uwdata/flechette']);
  });

  test('is read from its content, not from the modules that were resolved', () => {
    const found = modulesOf(metafile({ 'core/base/run.ts': 3, 'charts/drift.ts': 0, '(disabled):fs': 9 }));
    assert.deepEqual(found, { files: ['core/base/run.ts'], packages: [] });
  });
});
