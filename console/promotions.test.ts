import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startTestConsole } from '../test/benches/console.ts';
import { editedItem, PROPERTIES, readBaselineFile } from '../test/benches/packages.ts';
import { json, MODEL, startTestService } from '../test/benches/service.ts';
import type { ModelVersions, Panels, Problem, Promoted, VersionDiff } from './api.ts';

/** Two versions compared, and one promoted in the other's place, as the page would ask for it. */

const swath = await startTestConsole(await startTestService());

describe('a candidate', () => {
  const CANDIDATE = { name: MODEL.name, version: '1.1.0' };
  const live = () => JSON.parse(new TextDecoder().decode(swath.models.get(`${MODEL.name}/promoted.json`))).version;

  before(async () => {
    const gate = { max_accuracy_drop: 0.1, min_agreement: 0.8, min_chips: 10 };
    const item = await editedItem([`${PROPERTIES}/version`, '1.1.0']);
    Object.assign(item['properties'] as object, { 'swath:gate': gate });
    swath.models.set(`${MODEL.name}/1.1.0/item.json`, json(item));
    swath.models.set(`${MODEL.name}/1.1.0/reference.json`, await readBaselineFile('reference.json'));
    for (const version of ['1.0.0', '1.1.0'])
      swath.models.set(`${MODEL.name}/${version}/model.onnx`, await readBaselineFile('model.onnx'));
    const guesses = (wrong: number) =>
      Array.from({ length: 40 }, (_, i) => ({ class: i < wrong ? 1 : 0, probability: 0.9, truth: 0 }));
    await swath.finish('field.tfrecord', guesses(0));
    await swath.finish('field.tfrecord', guesses(30), CANDIDATE as typeof MODEL);
  });

  test('the difference of two versions: numbers, confusion, and the chips that differ most', async () => {
    const [first, second] = [`${MODEL.name}/1.0.0`, `${MODEL.name}/1.1.0`];
    const diff = await swath.get<VersionDiff>(`/api/diff?first=${first}&second=${second}`);
    assert.deepEqual([diff.chips, diff.files], [40, { both: 1, firstOnly: 0, secondOnly: 0 }]);
    assert.deepEqual(diff.numbers[0], { name: 'Agreement', value: '25\u00a0%', note: '10 chips' });
    assert.deepEqual(diff.confusion, {
      names: ['cows-0', 'cows-1'],
      counts: [
        [10, 30],
        [0, 0],
      ],
    });
    assert.equal(diff.changed.length, 24);
    const { first: one, second: other, truth, image } = diff.changed[0]!;
    assert.deepEqual([one.text, one.isRight, other.text, other.isRight], ['cows-0', true, 'cows-1', false]);
    assert.equal(truth, 'cows-0');
    assert.equal((await swath.ask('GET', image!)).headers['content-type'], 'image/png');
    assert.equal(diff.refusals?.length, 2, 'the first is live, so its gate is asked');
    const back = await swath.get<VersionDiff>(`/api/diff?first=${second}&second=${first}`);
    assert.equal(back.refusals, null);
  });

  for (const [query, says] of [
    ['first=a&second=b/1', /^400 first: found "a", allowed is a version as NAME\/VERSION\./],
    [`first=${MODEL.name}/1.0.0&second=${MODEL.name}/9.9.9`, /^404 droughtwatch-baseline\/9\.9\.9 is not published\./],
    [`first=${MODEL.name}/1.0.0&second=${MODEL.name}/1.0.0`, /^409 .* is named twice/],
    [`first=${MODEL.name}/1.0.0&second=${MODEL.name}/1.1.0&days=0`, /^400 days: found "0", allowed is a whole number/],
  ] as const)
    test(`no difference is shown for ${query}`, async () =>
      assert.match(await swath.problem(`/api/diff?${query}`), says));

  const promote = `/api/models/${MODEL.name}/1.1.0/promote`;
  const post = async (path: string, body: object | string = {}) => {
    const { status, text } = await swath.ask('POST', path, {}, typeof body === 'string' ? body : JSON.stringify(body));
    return { status, body: JSON.parse(text) as Partial<Promoted & Problem> };
  };

  test('a version that its gate refuses is not promoted, and the page hears why', async () => {
    const { status, body } = await post(promote, { reason: 'newer' });
    assert.equal(status, 409);
    assert.equal(
      body.message,
      `${MODEL.name} 1.1.0 is not promoted, 1.0.0 stays. The gate was asked question 1 about it, at a level of 3.04\u00a0%.`,
    );
    assert.deepEqual(
      body.refusals?.map((one) => one.split(':')[0]),
      ['Accuracy', 'Agreement'],
    );
    assert.equal(live(), '1.0.0');
  });

  test('is promoted by a user who gives a reason, and rolled back; and the history shows both', async () => {
    swath.wait(1);
    assert.deepEqual(await post(promote, { anyway: 'labels' }), {
      status: 200,
      body: { version: '1.1.0', before: '1.0.0' },
    });
    assert.equal(live(), '1.1.0');
    swath.wait(1);
    for (const seen of [
      { from: '1.0.0', to: '0.9.0' },
      { from: '1.1.0', to: '0.9.0' },
    ]) {
      const stale = await post(`/api/models/${MODEL.name}/rollback`, { seen });
      assert.match(
        `${stale.status} ${stale.body.message}`,
        new RegExp(
          `^409 \\S+ does not go back from ${seen.from} to 0\\.9\\.0: \\S+tester promoted 1\\.1\\.0 in the place of 1\\.0\\.0 at`,
        ),
      );
      assert.equal(live(), '1.1.0');
    }
    const rolledBack = await post(`/api/models/${MODEL.name}/rollback`, { seen: { from: '1.1.0', to: '1.0.0' } });
    assert.deepEqual(rolledBack, { status: 200, body: { version: '1.0.0', before: null } });
    const { history, versions, served, before: former } = await swath.get<ModelVersions>('/api/models');
    assert.deepEqual(
      history.map(({ version, by, reason }) => [version, by, reason]),
      [
        ['1.0.0', 'arn:aws:iam::111122223333:user/tester', null],
        ['1.1.0', 'arn:aws:iam::111122223333:user/tester', 'labels'],
        ['1.1.0', 'arn:aws:iam::111122223333:user/tester', 'newer'],
      ],
    );
    const promoted = history
      .filter((record) => !('isRefused' in record))
      .map(({ at, version }) => ({ time: at, version }));
    const { versions: marked } = await swath.get<Panels>('/api/panels');
    assert.deepEqual(marked, promoted.toReversed(), 'the panels mark where the version changed');
    assert.deepEqual([served, former], [{ accepts: ['*'], since: null }, null]);
    assert.deepEqual(
      versions.map(({ version, runs, predictions, rightness }) => [
        version,
        runs,
        predictions,
        rightness?.figure.value,
      ]),
      [
        ['1.0.0', 1, 40, 1],
        ['1.1.0', 1, 40, 0.25],
      ],
    );
    for (const { bytes, publishedAt } of versions)
      assert.deepEqual([bytes! > 1_000_000, publishedAt], [true, '2026-02-28T12:00:00.000Z']);
  });

  for (const [what, path, body, says] of [
    [
      'of a version that is not published',
      `/api/models/${MODEL.name}/9.9.9/promote`,
      {},
      /^409 .* it is not published/,
    ],
    [
      'of a model that is not live',
      '/api/models/other/1.0.0/promote',
      {},
      /^409 other is not live here: .* --beside --stage test$/,
    ],
    ['with nothing to go back to', `/api/models/${MODEL.name}/rollback`, {}, /^409 Nothing is known of a version/],
    ['for a reason that is none', promote, { anyway: ' ' }, /^400 The body is not understood: .* reason, anyway/],
    ['with a body that is no JSON', promote, 'nonsense', /^400 The body is not understood/],
  ] as const)
    test(`a promotion ${what} is refused`, async () => {
      const { status, body: answer } = await post(path, body);
      assert.match(`${status} ${answer.message}`, says);
      assert.equal(live(), '1.0.0');
    });

  test('a foreign page can promote nothing', async () => {
    const { status } = await swath.ask('POST', promote, { origin: 'http://evil.example' });
    assert.equal(status, 403);
    assert.equal((await swath.ask('POST', promote, { 'content-type': 'text/plain' })).status, 415);
    assert.equal(live(), '1.0.0');
  });

  test('a model that is not there has no page', async () => {
    assert.match(await swath.problem('/api/models?name=other'), /^404 No version of the model other is published\./);
    assert.match(await swath.problem('/api/models?name=..'), /^400 name: found "\.\."/);
  });
});
