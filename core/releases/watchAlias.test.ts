import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { BASELINE } from '../../test/benches/packages.ts';
import { InvalidModelPackage, ObjectNotFound, TransientTrouble } from '../base/errors.ts';
import { promotedKey } from '../base/keys.ts';
import { readPublication } from './publication.ts';
import { type Followed, type Notice, type WatchPorts, watchAlias } from './watchAlias.ts';

const FROM = 'mlflow:drought@champion';
const NAME = 'droughtwatch-baseline';
const files = ['README.md', 'item.json', 'model.onnx', 'reference.json', 'sample.json'];
const baseline = new Map(
  await Promise.all(files.map(async (file) => [file, await readFile(new URL(file, BASELINE))] as const)),
);

/** A registry whose alias leads to these files, beside a bucket in memory. */
let registry: { files: Map<string, Uint8Array>; version: string; trouble: Error | null };
let objects: Map<string, Uint8Array>;
let notices: Notice[];
let telling: () => void;
/** What becomes of a candidate, as it is published and as it is looked at again. */
let followed: { begin: Followed; decide: Followed };

/** As another version says of itself. */
function item(version: string): Uint8Array {
  return Buffer.from(baseline.get('item.json')!.toString().replace('"version": "1.0.0"', `"version": "${version}"`));
}

const from = (map: Map<string, Uint8Array>) => async (key: string) => {
  const bytes = map.get(key);
  if (bytes === undefined) throw new ObjectNotFound(`${key} does not exist.`);
  return bytes;
};

function look(more: Partial<WatchPorts> = {}) {
  return watchAlias({
    from: FROM,
    open: async () => {
      if (registry.trouble !== null) throw registry.trouble;
      return { where: `mlflow:drought/${registry.version}`, readFile: from(registry.files) };
    },
    bucket: memoryBucket(objects),
    checkModel: async () => {},
    tell: async (notice) => {
      telling();
      notices.push(notice);
    },
    follow: { begin: async () => followed.begin, decide: async () => followed.decide, end: async () => {} },
    stage: 'dev',
    now: () => new Date('2026-11-14T00:15:00Z'),
    ...more,
  });
}

const promote = (version: string) => objects.set(promotedKey(NAME), Buffer.from(JSON.stringify({ version })));
const outcomes = async (count: number) => {
  const seen: string[] = [];
  for (let i = 0; i < count; i += 1) seen.push((await look()).outcome);
  return seen.join(' ');
};

describe('an alias that is watched', () => {
  beforeEach(() => {
    registry = { files: new Map(baseline), version: '3', trouble: null };
    objects = new Map();
    notices = [];
    telling = () => {};
    const left = { state: 'left', said: 'It is for people to promote.' } as const;
    followed = { begin: left, decide: left };
  });

  test('has what it points to published as a candidate, which is told once and promoted by nobody', async () => {
    promote('0.9.0');
    assert.equal(await outcomes(3), 'candidate unchanged unchanged');
    assert.equal((await look()).isTold, false);
    assert.equal(notices.length, 1);
    assert.equal(notices[0]!.subject, `A candidate: ${NAME} 1.0.0`);
    assert.match(
      notices[0]!.text,
      /^mlflow:drought@champion is droughtwatch-baseline 1\.0\.0 now, .* Its digest: sha256:[0-9a-f]{64}\.\n/,
    );
    assert.match(notices[0]!.text, /\n {2}npx swath model promote droughtwatch-baseline\/1\.0\.0 --stage dev$/);
    assert.equal(JSON.parse(objects.get(promotedKey(NAME))!.toString()).version, '0.9.0');
    const { digest, files, ...publication } = await readPublication(from(objects), { name: NAME, version: '1.0.0' });
    assert.deepEqual(Object.keys(files).sort(), ['item.json', 'model.onnx', 'reference.json', 'sample.json']);
    assert.deepEqual(publication, {
      from: FROM,
      where: 'mlflow:drought/3',
      at: '2026-11-14T00:15:00.000Z',
      isWhole: true,
    });
    assert.ok(notices[0]!.text.includes(digest));
  });

  test('has its candidate followed until its gate has decided, which is told once', async () => {
    for (const [state, outcome, subject] of [
      ['promoted', 'promoted', `Promoted: ${NAME} 1.0.0`],
      ['refused', 'held', `The gate has not let ${NAME} 1.0.0 pass`],
    ] as const) {
      objects.clear();
      notices = [];
      followed = {
        begin: { state: 'shadows', said: 'It shadows the live one.' },
        decide: { state: 'shadows', said: 'It does so.' },
      };
      assert.equal(await outcomes(2), 'candidate unchanged');
      assert.match(notices[0]!.text, /\n\nIt shadows the live one\. To see it/);
      followed.decide = { state: 'waits', said: 'There is not data enough.' };
      assert.equal(await outcomes(1), 'unchanged');
      followed.decide = { state, said: 'Agreement: 71 %.' };
      assert.equal(await outcomes(2), `${outcome} unchanged`);
      assert.deepEqual(
        notices.slice(1).map((notice) => [notice.subject, notice.text]),
        [[subject, `${FROM}: Agreement: 71 %.`]],
      );
    }
  });

  test('whose candidate waits for the end of another shadow is told once, and followed from then on', async () => {
    followed.begin = { state: 'queues', said: '0.9.5 shadows the live version now.' };
    followed.decide = { state: 'left', said: 'It shadows the live version no longer.' };
    assert.equal(await outcomes(3), 'candidate unchanged unchanged');
    followed.begin = { state: 'shadows', said: 'It shadows the live one.' };
    assert.equal(await outcomes(1), 'unchanged');
    followed.decide = { state: 'promoted', said: 'It passed.' };
    assert.equal(await outcomes(2), 'promoted unchanged');
    assert.deepEqual(
      notices.map(({ subject }) => subject),
      [`A candidate: ${NAME} 1.0.0`, `Promoted: ${NAME} 1.0.0`],
    );
  });

  test('whose candidate has waited, and will shadow nothing after all, is told of once more', async () => {
    followed.begin = { state: 'queues', said: '0.9.5 shadows the live version now.' };
    await look();
    followed.begin = { state: 'left', said: 'It classifies nothing until somebody promotes it.' };
    assert.equal(await outcomes(2), 'unchanged unchanged');
    assert.equal(notices.length, 2);
    assert.match(
      notices[1]!.text,
      /is droughtwatch-baseline 1\.0\.0\. It classifies nothing until .*\n\n {2}npx swath model list/s,
    );
  });

  test('whose candidate somebody promotes while it waits is left to them', async () => {
    followed.begin = { state: 'queues', said: '0.9.5 shadows the live version now.' };
    await look();
    promote('1.0.0');
    followed.begin = { state: 'shadows', said: 'It is the live version.' };
    followed.decide = { state: 'left', said: 'Somebody has promoted it.' };
    assert.match((await look()).said, /Somebody has promoted it/);
    assert.equal(await outcomes(1), 'unchanged');
    assert.equal(notices.length, 1);
  });

  test('that moves on while its candidate is followed has the new one followed', async () => {
    followed.begin = { state: 'shadows', said: 'It shadows the live one.' };
    await look();
    registry.files.set('item.json', item('1.1.0'));
    followed.decide = { state: 'promoted', said: 'It passed.' };
    const looks = [await look(), await look()];
    assert.deepEqual(
      looks.map(({ outcome, candidate }) => [outcome, candidate?.version]),
      [
        ['candidate', '1.1.0'],
        ['promoted', '1.1.0'],
      ],
    );
  });

  test('whose candidate cannot be judged for trouble of the moment is not said to be down', async () => {
    followed.begin = { state: 'shadows', said: 'It shadows the live one.' };
    await look();
    const follow = {
      begin: async () => followed.begin,
      decide: () => Promise.reject(new TransientTrouble('The tables are busy.')),
      end: async () => {},
    };
    await assert.rejects(look({ follow }), /The tables are busy/);
    assert.equal(notices.length, 1);
  });

  test('that moves on, and back, is told of what is new', async () => {
    await look();
    registry.files.set('item.json', item('1.1.0'));
    assert.equal(await outcomes(2), 'candidate unchanged');
    promote('1.1.0');
    registry.files.set('item.json', item('1.0.0'));
    assert.equal(await outcomes(2), 'candidate unchanged', 'a way back is a candidate, too');
    assert.deepEqual(
      notices.map(({ subject }) => subject.split(' ').at(-1)),
      ['1.0.0', '1.1.0', '1.0.0'],
    );
  });

  test('whose version is live, or was published by somebody from a folder, is told to nobody', async () => {
    promote('1.0.0');
    assert.equal(await outcomes(2), 'unchanged unchanged');
    objects.clear();
    for (const [file, bytes] of baseline) objects.set(`${NAME}/1.0.0/${file}`, bytes);
    assert.equal(await outcomes(2), 'unchanged unchanged');
    assert.deepEqual(notices, []);
  });

  test('whose registry is down leaves the candidate, and is told once, until it was back', async () => {
    await look();
    const before = [...objects.keys()];
    registry.trouble = new TransientTrouble('mlflow:5000 cannot be reached (ECONNREFUSED).');
    assert.equal(await outcomes(2), 'unreachable unreachable');
    registry.trouble = new TransientTrouble('mlflow:5000 took longer than the 20 s that are allowed.');
    assert.equal(await outcomes(1), 'unreachable');
    assert.equal(notices.length, 2);
    assert.match(
      notices[1]!.text,
      /^mlflow:drought@champion cannot be looked up: mlflow:5000 cannot be reached \(ECONNREFUSED\)\.\n\nThe live version goes on/,
    );
    assert.deepEqual([...objects.keys()], before);
    registry.trouble = null;
    assert.equal(await outcomes(1), 'unchanged', 'and the candidate is not told again');
    registry.trouble = new TransientTrouble('mlflow:5000 answers 503.');
    await look();
    assert.equal(notices.length, 3);
  });

  test('that points nowhere is told once', async () => {
    registry.trouble = new InvalidModelPackage(`${FROM} points nowhere: mlflow:5000 answers 400`);
    assert.equal(await outcomes(3), 'refused refused refused');
    assert.deepEqual(
      notices.map(({ text }) => text.split('\n')[0]),
      [`${FROM} points nowhere: mlflow:5000 answers 400`],
    );
    registry.trouble = null;
    assert.equal(await outcomes(1), 'candidate');
  });

  test('whose refusal is known is not told of it again after an outage', async () => {
    registry.files.delete('reference.json');
    await look();
    registry.trouble = new TransientTrouble('It is down.');
    await look();
    registry.trouble = null;
    await look();
    assert.deepEqual(
      notices.map(({ subject }) => subject),
      ['A model version was refused', 'The model registry does not answer'],
    );
    registry.trouble = new TransientTrouble('It is down.');
    await look();
    assert.equal(notices.length, 3, 'another outage is news');
  });

  for (const [title, change, says] of [
    [
      'other bytes under the same version',
      () => registry.files.set('model.onnx', Buffer.from('another')),
      /^mlflow:drought@champion: mlflow:drought\/4: droughtwatch-baseline 1\.0\.0 was published before with another model\.onnx\. A version never changes/,
    ],
    [
      'no package but an MLflow model',
      () => (registry.files = new Map([['MLmodel', Buffer.from('flavors:')]])),
      /found an MLflow model without item\.json, so nothing says which bands it takes .*mlflow\.log_artifacts\("my-package", "package"\)/,
    ],
    [
      'a package that lies deeper',
      () => (registry.files = new Map([['package/item.json', item('1.0.0')]])),
      /found no item\.json, but one in its folder "package"/,
    ],
    ['nothing', () => registry.files.clear(), /item\.json: found no such file, each package has one/],
    [
      'a model that is too large',
      () => registry.files.set('model.onnx', { length: 512 * 1024 ** 2 + 1 } as Uint8Array),
      /model\.onnx: found 536870913 bytes, allowed are at most 536870912/,
    ],
    [
      'a name that leads elsewhere',
      () =>
        registry.files.set(
          'item.json',
          Buffer.from(item('1.1.0').toString().replaceAll('./model.onnx', '../../model.onnx')),
        ),
      /item\.json.*\.\.\/\.\.\/model\.onnx/,
    ],
    [
      'a version that is no name',
      () => registry.files.set('item.json', item('../../promoted')),
      /item\.json: .*version/,
    ],
  ] as [string, () => unknown, RegExp][])
    test(`is refused, told once, and nothing is written, where it has ${title}`, async () => {
      await look();
      const before = [...objects].filter(([key]) => !key.startsWith('_watched/'));
      registry.version = '4';
      change();
      assert.equal(await outcomes(2), 'refused refused');
      assert.equal(notices.length, 2);
      assert.match(notices[1]!.text, says);
      assert.deepEqual(
        [...objects].filter(([key]) => !key.startsWith('_watched/')),
        before,
      );
    });

  test('that has a model which does not pass is refused', async () => {
    const checkModel = async () => {
      throw new InvalidModelPackage('model.onnx: onnxruntime cannot load it');
    };
    const { outcome, said } = await look({ checkModel });
    assert.equal(outcome, 'refused');
    assert.equal(said, `${FROM}: mlflow:drought/3: model.onnx: onnxruntime cannot load it`);
    assert.ok(!objects.has(`${NAME}/1.0.0/item.json`));
  });

  test('is told again where the telling failed, or the publishing was cut off', async () => {
    telling = () => {
      throw new Error('The topic is gone.');
    };
    await assert.rejects(look(), /The topic is gone/);
    telling = () => {};
    objects.delete(`${NAME}/1.0.0/item.json`);
    assert.equal(await outcomes(2), 'candidate unchanged');
    assert.equal(notices.length, 1);
  });

  test('of which somebody has spoilt what was seen is looked at as if it were new', async () => {
    await look();
    const [key = ''] = [...objects.keys()].filter((one) => one.startsWith('_watched/'));
    for (const spoilt of ['', '{}', '[1']) {
      objects.set(key, Buffer.from(spoilt));
      assert.equal(await outcomes(2), 'candidate unchanged');
    }
  });
});
