import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seriesColour } from '../../../charts/format.ts';
import type { SceneChip, SceneMap } from '../../api.ts';
import { layersOf } from './sceneLayers.ts';

const chip = (about: Partial<SceneChip>): SceneChip => ({
  index: 0,
  text: null,
  probability: null,
  truth: null,
  isRight: null,
  window: [0, 0, 10, 10],
  value: null,
  isMasked: false,
  ...about,
});

/** Of each layer its groups' names, and how many chips each has. */
const told = (...scene: Parameters<typeof layersOf>) =>
  layersOf(...scene).map((layer) => [
    layer.title,
    layer.kind === 'chips' ? layer.groups.map(({ name, chips }) => `${name}: ${chips.length}`) : layer.map.name,
  ]);

describe('the layers of a scene', () => {
  const classes = [
    { name: 'bare', colour: null },
    { name: 'water', colour: '#1f78b4' },
  ];

  test('is its classes, in their order and colours, how certain they are, and which are right', () => {
    const chips = [
      chip({ text: 'water', probability: 0.99, truth: 'water', isRight: true }),
      chip({ text: 'bare', probability: 0.5, truth: 'water', isRight: false }),
      chip({ text: 'water', probability: 1 }),
      chip({}),
    ];
    assert.deepEqual(told({ chips, classes, maps: [] }), [
      ['Class', ['bare: 1', 'water: 2', 'no prediction: 1']],
      ['Certainty', ['40\u00a0% to 60\u00a0%: 1', '80\u00a0% to 100\u00a0%: 2']],
      ['Right or wrong', ['right: 1', 'wrong: 1']],
    ]);
    const [layer] = layersOf({ chips, classes, maps: [] });
    const colours = layer?.kind === 'chips' ? layer.groups.map(({ colour }) => colour) : [];
    assert.deepEqual(colours.slice(0, 2), [seriesColour(0), '#1f78b4']);
  });

  test('have masked chips in a group of their own, which counts in no class, certainty or truth', () => {
    const about = { text: 'water', probability: 1, truth: 'water', isRight: true };
    const chips = [chip(about), chip({ ...about, isMasked: true }), chip({ ...about, text: 'bare', isMasked: true })];
    assert.deepEqual(told({ chips, classes, maps: [] }), [
      ['Class', ['water: 1', 'masked: 2']],
      ['Certainty', ['80\u00a0% to 100\u00a0%: 1', 'masked: 2']],
      ['Right or wrong', ['right: 1', 'masked: 2']],
    ]);
  });

  test('are, of 500 classes, the ten with the most chips, each in its own colour, and one for the others', () => {
    const many = Array.from({ length: 500 }, (_, i) => ({ name: `c${i}`, colour: null }));
    const chips = many.flatMap(({ name }, i) => new Array<SceneChip>(i % 50 === 7 ? 3 : 1).fill(chip({ text: name })));
    const [layer] = layersOf({ chips, classes: many, maps: [] });
    const groups = layer?.kind === 'chips' ? layer.groups : [];
    assert.deepEqual(
      groups.map(({ name, chips: found }) => `${name}: ${found.length}`),
      [...Array.from({ length: 10 }, (_, i) => `c${7 + 50 * i}: 3`), 'others (490): 490'],
    );
    assert.equal(groups.at(-1)?.colour, 'var(--chart-reference)');
  });

  test('is sets of labels, the most common first, and a few of them only', () => {
    const chips = ['bare, water', 'bare', 'bare, water', 'a', 'b', 'c', 'd', 'e', 'f'].map((text) => chip({ text }));
    assert.deepEqual(told({ chips, classes, maps: [] }), [
      ['Class', ['bare: 1', 'bare, water: 2', 'a: 1', 'b: 1', 'c: 1', 'd: 1', 'e: 1', 'other labels: 1']],
    ]);
  });

  test('is values in five steps, of one value as of many', () => {
    const ofValues = (...values: number[]) =>
      told({ chips: values.map((value) => chip({ value, text: String(value) })), classes: [], maps: [] });
    assert.deepEqual(ofValues(0, 1, 9, 10), [['Value', ['0 to 2: 2', '8 to 10: 2']]]);
    assert.deepEqual(ofValues(3, 3), [['Value', ['3 to 3: 2']]]);
  });

  test('is a map before all others, and nothing where there is nothing', () => {
    const maps: SceneMap[] = [
      { name: 'predictions', title: 'Map', image: '', legend: { kind: 'classes', classes: [] } },
    ];
    assert.deepEqual(told({ chips: [], classes, maps }), [['Map', 'predictions']]);
    assert.deepEqual(told({ chips: [], classes, maps: [] }), []);
  });
});
