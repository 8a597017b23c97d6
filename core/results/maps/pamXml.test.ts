import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapClasses } from '../../tasks/mapClasses.ts';
import { pamXml } from './pamXml.ts';

test('titles of classes are written as GDAL reads them', () => {
  const xml = pamXml(
    mapClasses([
      { value: 0, name: 'a-b', title: 'a & <b>' },
      { value: 2, name: 'water', colourHint: '018571' },
    ]),
  );
  assert.equal(
    /<CategoryNames>[\s\S]*<\/CategoryNames>/.exec(xml)![0].replace(/\s*\n\s*/g, ''),
    '<CategoryNames><Category>a &amp; &lt;b&gt;</Category><Category></Category><Category>water</Category></CategoryNames>',
  );
  assert.deepEqual(
    [...xml.matchAll(/<Name>(\w+)<\/Name>\s*<Type>(\d)<\/Type>\s*<Usage>(\d)<\/Usage>/g)].map((field) =>
      field.slice(1),
    ),
    [
      ['Value', '0', '5'],
      ['Class', '2', '2'],
      ['Red', '0', '6'],
      ['Green', '0', '7'],
      ['Blue', '0', '8'],
    ],
    'by GDALRATFieldType and GDALRATFieldUsage of gdal.h',
  );
  assert.deepEqual(
    [...xml.matchAll(/<Row index="(\d)">(.*)<\/Row>/g)].map(([, index, cells]) => [index, cells]),
    [
      ['0', '<F>0</F><F>a &amp; &lt;b&gt;</F><F>16</F><F>96</F><F>180</F>'],
      ['1', '<F>2</F><F>water</F><F>1</F><F>133</F><F>113</F>'],
    ],
  );
});

for (const value of [-1, 4096])
  test(`a class of ${value} does not fit into the list of categories, so only the table names it`, () => {
    const xml = pamXml(mapClasses([{ value, name: 'far' }]));
    assert.doesNotMatch(xml, /CategoryNames/);
    assert.match(xml, new RegExp(`<F>${value}</F><F>far</F>`));
  });
