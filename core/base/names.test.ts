import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSafeName, packageFile, slug } from './names.ts';

for (const [name, expected] of [
  ['droughtwatch-baseline', 'droughtwatch-baseline'],
  ['Resnet-18 Sentinel-2 ALL MOCO', 'resnet-18-sentinel-2-all-moco'],
  ['v1.2_beta', 'v1.2-beta'],
  ['Forêt / Wälder', 'foret-walder'],
  ['..hidden..', 'hidden'],
  ['--- a ---', 'a'],
  ['森林', ''],
  [`${'a'.repeat(80)}--b`, `${'a'.repeat(80)}-b`],
] as const)
  test(`the slug of ${JSON.stringify(name)} is ${JSON.stringify(expected)}`, () => {
    assert.equal(slug(name), expected);
  });

test('a slug is empty or has the shape of a folder name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => assert.match(slug(name), /^([a-z0-9][a-z0-9.-]*)?$/)),
  );
});

for (const [name, safe] of [
  ['1.0.0', true],
  ['1.0.0-rc.1+build5', true],
  ['2024-07-29', true],
  ['model_v1.onnx', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['', false],
  ['.', false],
  ['..', false],
  ['.hidden', false],
  ['1.0.', false],
  ['1:0', false],
  ['1/0', false],
  ['1\\0', false],
  ['1 0', false],
  ['1.0\n', false],
  ['con', false],
  ['NUL.txt', false],
  ['com1', false],
  ['console', true],
] as const)
  test(`${JSON.stringify(name)} is ${safe ? 'a' : 'no'} safe name`, () => {
    assert.equal(isSafeName(name), safe);
  });

for (const [href, file] of [
  ['model.onnx', 'model.onnx'],
  ['./model.onnx', 'model.onnx'],
  ['weights/model.onnx', 'weights/model.onnx'],
  ['', undefined],
  ['.', undefined],
  ['weights//model.onnx', undefined],
  ['weights/../model.onnx', undefined],
  ['../model.onnx', undefined],
  ['%2e%2e/model.onnx', undefined],
  ['/model.onnx', undefined],
  ['C:\\model.onnx', undefined],
  ['C:model.onnx', undefined],
  ['..\\model.onnx', undefined],
  ['file:model.onnx', undefined],
  ['s3://bucket/model.onnx', undefined],
  ['model.onnx?v=1', undefined],
] as const)
  test(`${JSON.stringify(href)} points ${file === undefined ? 'out of the package' : `to ${file}`}`, () => {
    assert.equal(packageFile(href), file);
  });
