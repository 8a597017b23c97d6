import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { liveOf } from '../../test/benches/serving.ts';
import { InvalidModelPackage, NoModelPromoted, NotPromotable } from '../base/errors.ts';
import { UNASSIGNED } from '../base/messages.ts';
import {
  assertTaken,
  encodeServing,
  lackingOf,
  parseServing,
  servedAlone,
  takersOf,
  takes,
  withFirst,
  withoutServed,
  withServed,
} from './serving.ts';

const [wheat, fire] = [
  { name: 'wheat', version: '1.0.0' },
  { name: 'fire', version: '2.0.0' },
];
const at = new Date('2026-03-01T10:00:00.000Z');
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('a key is taken by', () => {
  for (const [pattern, yes, no] of [
    ['*', ['', 'a', 'a/b'], []],
    ['south/*', ['south/', 'south/a/b'], ['south', 'north/south/a']],
    ['*.npy', ['.npy', 'a/b.npy'], ['a.npyx', 'npy']],
    ['south/*.npy', ['south/.npy', 'south/a.b.npy'], ['south.npy', 'south/a']],
    ['a*b*c', ['abc', 'a-b-b-c', 'acbc'], ['ab', 'ac', 'acb']],
    ['ab*ba', ['abba', 'ab-ba'], ['aba']],
    ['a**b', ['ab', 'axb'], ['a']],
    ['*a*', ['a', 'abc', 'bab'], ['', 'b']],
    ['exactly', ['exactly'], ['exactly/', 'not exactly']],
    ['a.c(+', ['a.c(+'], ['abc(+']],
  ] as const)
    test(`the pattern ${pattern}`, () => {
      const taken = [...yes, ...no].filter((key) => takes({ accepts: [pattern] }, key));
      assert.deepEqual(taken, yes);
    });

  test('any of several patterns', () => {
    const both = { accepts: ['south/*', '*.npy'] };
    assert.deepEqual(
      ['south/a', 'a.npy', 'north/a'].map((key) => takes(both, key)),
      [true, true, false],
    );
  });

  test('a pattern of many stars quickly, even if it does not match', () => {
    const { user } = process.threadCpuUsage(); // not the clock, which would tell of how busy the machine is
    assert.equal(takes({ accepts: [`${'*a'.repeat(500)}*b`] }, 'a'.repeat(1024)), false);
    assert.ok(process.threadCpuUsage().user - user < 100_000);
  });
});

describe('serving.json', () => {
  test('is read as it was written', () => {
    const served = withServed(servedAlone('wheat'), 'fire', ['south/*'], at);
    assert.deepEqual(served, [
      { name: 'wheat', accepts: ['*'], since: null },
      { name: 'fire', accepts: ['south/*'], since: at.toISOString() },
    ]);
    assert.deepEqual(parseServing(encodeServing(served)), served);
  });

  test('may leave out the keys and the time', () => {
    assert.deepEqual(parseServing(bytesOf({ models: [{ name: 'wheat' }] })), servedAlone('wheat'));
  });

  for (const wrong of [
    'wheat',
    {},
    { models: [] },
    { models: [{ name: '../wheat' }] },
    { models: [{ name: 'wheat', accepts: [] }] },
    { models: [{ name: 'wheat', accepts: [''] }] },
    { models: [{ name: 'wheat', since: 'yesterday' }] },
    { models: [{ name: 'wheat' }, { name: 'wheat', accepts: ['a'] }] },
  ])
    test(`that says ${JSON.stringify(wrong)} is refused`, () => {
      assert.throws(() => parseServing(bytesOf(wrong)), InvalidModelPackage);
    });
});

describe('a model that is served', () => {
  const both = withServed(servedAlone('wheat'), 'fire', undefined, at);

  test('beside another accepts every key by default, and is listed after it', () => {
    assert.deepEqual(both[1], { name: 'fire', accepts: ['*'], since: at.toISOString() });
  });

  test('already keeps its place and its time, and takes other keys where they are said', () => {
    const later = new Date('2026-04-01T10:00:00.000Z');
    assert.deepEqual(withServed(both, 'fire', undefined, later), both);
    const other = withServed(both, 'wheat', ['north/*'], later);
    assert.deepEqual(other, [{ name: 'wheat', accepts: ['north/*'], since: null }, both[1]]);
  });

  test('as the first one replaces the previous first model, for every key, and the others stay', () => {
    const both = withServed([{ name: 'wheat', accepts: ['north/*'], since: null }], 'fire', ['south/*'], at);
    const [, fireBeside] = both;
    const since = at.toISOString();
    assert.deepEqual(withFirst(both, 'maize', at), [{ name: 'maize', accepts: ['*'], since }, fireBeside]);
    assert.deepEqual(withFirst(both, 'fire', at), [{ name: 'fire', accepts: ['*'], since }]);
    assert.deepEqual(withFirst(both, 'wheat', at), both);
    assert.deepEqual(withFirst([], 'wheat', at), [{ name: 'wheat', accepts: ['*'], since: null }]);
  });

  test('can be removed, unless it is not live or the last one', () => {
    assert.deepEqual(withoutServed(both, 'wheat'), [both[1]]);
    assert.throws(
      () => withoutServed(both, 'maize'),
      new NotPromotable('maize is not live here. Live are: wheat, fire.'),
    );
    assert.throws(() => withoutServed([], 'maize'), new NotPromotable('maize is not live here. Live are: none.'));
    assert.throws(() => withoutServed(servedAlone('wheat'), 'wheat'), NotPromotable);
  });
});

describe('a file is classified', () => {
  test('by each live model that takes its key, in their order', async () => {
    const serving = await liveOf({ model: wheat }, { model: fire, accepts: ['south/*'] })();
    assert.deepEqual(assertTaken(serving, 'south/a'), [wheat, fire]);
    assert.deepEqual(assertTaken(serving, 'north/a'), [wheat]);
    assert.deepEqual(
      takersOf(serving, 'north/a').map(({ model }) => model),
      [wheat],
    );
  });

  test('by no model that does not accept its key, and the error names the accepted keys', async () => {
    const serving = await liveOf({ model: fire, accepts: ['south/*', '*.npy'] })();
    const error = new NoModelPromoted('No live model takes north/a: fire takes south/*, *.npy.');
    assert.throws(() => assertTaken(serving, 'north/a'), error);
  });

  test('by no model without a version, and the error gives the reason of one that accepts the key', async () => {
    const { live } = await liveOf({ model: fire, accepts: ['south/*'] })();
    const [first, second] = [new NoModelPromoted('of the first'), new NoModelPromoted('of the second')];
    const waiting = [
      { accepts: ['east/*'], error: first },
      { accepts: ['*'], error: second },
    ];
    assert.throws(() => assertTaken({ live, waiting }, 'north/a'), second);
    assert.deepEqual(assertTaken({ live, waiting }, 'south/a'), [fire]);
  });
});

describe('a file that is listed lacks a run', () => {
  const live = liveOf({ model: wheat }, { model: fire, accepts: ['south/*'], since: at.toISOString() });
  const file = { key: 'south/a', lastModified: '2026-03-01T10:00:00.000Z' };

  for (const [name, scene, rows, isFull, lacking] of [
    ['of each model that takes it', file, [], false, [wheat, fire]],
    ['of those without a run', file, [{ model: wheat }], false, [fire]],
    [
      'of no model whose earlier version has one',
      file,
      [{ model: wheat }, { model: { ...fire, version: '1' } }],
      false,
      [],
    ],
    ['of no model that does not accept it', { ...file, key: 'north/a' }, [{ model: wheat }], false, []],
    ['of no model that was added after it', { ...file, lastModified: '2026-03-01T09:59:59.999Z' }, [], false, [wheat]],
    ['of all models in a full sweep', { ...file, lastModified: '2026-03-01T09:59:59.999Z' }, [], true, [wheat, fire]],
    [
      'of all models if no sweep has seen it before',
      { ...file, lastModified: '2026-01-01', isNew: true },
      [],
      false,
      [wheat, fire],
    ],
    ['of all models if its time is unknown', { key: file.key }, [], false, [wheat, fire]],
    ['of no model while it waits for any model', file, [{ model: UNASSIGNED }], false, []],
  ] as const)
    test(name, async () => {
      assert.deepEqual(lackingOf(await live(), scene, rows, isFull), lacking);
    });
});
