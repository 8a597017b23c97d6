import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { heldBy } from './contents.ts';
import { modulesOf } from './modules.ts';

/** That a bundle's parts are told apart. */

const metafile = (inputs: Record<string, number>) => {
  const taken = Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]);
  const output = { bytes: 1, imports: [], exports: [], inputs: Object.fromEntries(taken) };
  return { inputs: {}, outputs: { 'handler.cjs': output } };
};
const partsOf = (...paths: string[]) => {
  const held = heldBy(modulesOf(metafile(Object.fromEntries(paths.map((path) => [path, 1])))));
  return new Map([...held].map(([part, found]) => [part?.what, found]));
};

describe('what a bundle holds', () => {
  test('belongs to the part that names the file, or the innermost of its folders', () => {
    const files = [
      'core/base/run.ts',
      'core/scenes/formats/numpy/zip.ts',
      'core/scenes/preparedPart.ts',
      'charts/drift.ts',
      'core/statistics/summary.ts',
    ];
    assert.deepEqual(Object.fromEntries(partsOf(...files)), {
      'what every function knows': ['core/base/run.ts'],
      'scene files: formats, chips': ['core/scenes/formats/numpy/zip.ts'],
      'prepared parts': ['core/scenes/preparedPart.ts'],
      charts: ['charts/drift.ts'],
      drift: ['core/statistics/summary.ts'],
    });
  });

  test('of a folder that nobody has named is known for that', () => {
    assert.deepEqual(partsOf('elsewhere/a.ts').get(undefined), ['elsewhere/a.ts']);
    assert.deepEqual(
      partsOf('core/elsewhere/a.ts').get(undefined),
      ['core/elsewhere/a.ts'],
      'for all that it is in core',
    );
  });

  test('of packages is what package.json names, and not what those bring along', () => {
    const inner = '../node_modules/apache-arrow/node_modules/@types/node/index.js';
    const found = partsOf('../node_modules/apache-arrow/a.mjs', '../node_modules/@aws-sdk/client-s3/b.js', inner);
    assert.deepEqual(Object.fromEntries(found), {
      'prepared parts': ['apache-arrow'],
      buckets: ['@aws-sdk/client-s3'],
    });
  });

  test('is what is in it, and not what was looked at for it', () => {
    const found = modulesOf(metafile({ 'core/base/run.ts': 3, 'charts/drift.ts': 0, 'nothing:@smithy/core/x': 9 }));
    assert.deepEqual(found, { files: ['core/base/run.ts'], packages: [] });
  });
});
