import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { stageName } from '../cli/commands/options.ts';
import { alarmsOf } from '../observability/alarms.ts';
import { exampleParameters } from '../test/documents/exampleParameters.ts';
import { isStageName, stageNameRule } from './stageName.ts';

const GOOD = [
  'a',
  'dev',
  'dev-2',
  'pr-1234',
  'storage',
  'dev-storages',
  'storage-dev',
  'retraining',
  'servers-2',
  'a--b',
  'a'.repeat(20),
];
const BAD = [
  '',
  ' ',
  'Dev',
  'DEV',
  'my stage',
  'dev\n',
  'dev_2',
  'dev.2',
  'dév',
  '2dev',
  '-dev',
  'dev-',
  '-',
  'a'.repeat(21),
  'dev-storage',
  'dev-retraining',
  'servers',
  '--stage',
  'dev/../prod',
];

describe('the name of a stage', () => {
  for (const text of GOOD)
    test(`${JSON.stringify(text)} is one, for a deployment and for the command line`, () => {
      assert.ok(isStageName(text));
      assert.equal(stageName(text), text);
    });

  for (const text of BAD)
    test(`${JSON.stringify(text)} is refused, with the allowed form`, () => {
      assert.ok(!isStageName(text));
      assert.throws(() => stageName(text), {
        name: 'WrongUse',
        message: `--stage: found ${JSON.stringify(text)}, allowed are ${stageNameRule}.`,
      });
    });

  test('is no name that makes its stack one that the documents have created', () => {
    const created = ['http', 'models', 'retraining'].flatMap((name) => {
      const text = readFileSync(new URL(`../docs/${name}.md`, import.meta.url), 'utf8');
      return [...text.matchAll(/aws cloudformation (?:deploy|create-stack) --stack-name (\S+)/g)].map(
        ([, stack]) => stack!,
      );
    });
    assert.equal(created.length, 3);
    for (const stack of created)
      assert.ok(!stack.startsWith('swath-') || !isStageName(stack.slice('swath-'.length)), stack);
  });

  const ids = alarmsOf(exampleParameters).map(({ id }) => id);
  for (const [ofLonger, id] of ids.flatMap((id) =>
    ids.filter((one) => one.endsWith(`-${id}`)).map((one) => [one, id] as const),
  ))
    test(`does not make the alarm ${id} of one stage the alarm ${ofLonger} of another`, () =>
      assert.ok(!isStageName(`dev-${ofLonger.slice(0, -id.length - 1)}`)));
});
