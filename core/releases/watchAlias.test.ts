import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { BASELINE } from '../../test/benches/packages.ts';
import { InvalidModelPackage, TransientTrouble } from '../base/errors.ts';
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

function look(more: Partial<WatchPorts> = {}) {
  return watchAlias({
    from: FROM,
    open: async () => {
      if (registry.trouble !== null) throw registry.trouble;
      return { where: `mlflow:drought/${registry.version}`, readFile: memoryBucket(registry.files).read };
    },
    bucket: memoryBucket(objects),
    checkModel: async () => {},
    tell: async (notice) => {
      telling();
      notices.push(notice);
    },
    follow: { begin: async () => followed.begin, decide: async () => followed.decide, end: async () => {} },
    place: { stage: 'dev' },
    now: () => new Date('2026-11-14T00:15:00Z'),
    ...more,
  });
}

const SHADOWS = { state: 'shadows', said: 'It shadows the live one.' } as const;
const QUEUES = { state: 'queues', said: '0.9.5 shadows the live version now.' } as const;
const PASSED = { state: 'promoted', said: 'It passed.' } as const;
const subjects = () => notices.map(({ subject }) => subject);
const promote = (version: string) => objects.set(promotedKey(NAME), Buffer.from(JSON.stringify({ version })));
const outcomes = async (count: number) => {
  const seen: string[] = [];
  for (let i = 0; i < count; i += 1) seen.push((await look()).outcome);
  return seen.join(' ');
};

describe('a watched alias', () => {
  beforeEach(() => {
    registry = { files: new Map(baseline), version: '3', trouble: null };
    objects = new Map();
    notices = [];
    telling = () => {};
    const left = { state: 'left', said: 'It is for people to promote.' } as const;
    followed = { begin: left, decide: left };
  });

  test('gets its version published as a candidate, with one notice and without a promotion', async () => {
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
    const { digest, files, ...publication } = await readPublication(memoryBucket(objects).read, {
      name: NAME,
      version: '1.0.0',
    });
    assert.deepEqual(Object.keys(files).sort(), ['item.json', 'model.onnx', 'reference.json', 'sample.json']);
    const published = { from: FROM, where: 'mlflow:drought/3', at: '2026-11-14T00:15:00.000Z', isWhole: true };
    assert.deepEqual(publication, published);
    assert.ok(notices[0]!.text.includes(digest));
  });

  test('is remembered beside the models as it was seen, and each look says what it has found', async () => {
    promote('0.9.0');
    const candidate = { name: NAME, version: '1.0.0' };
    const { said, ...first } = await look();
    assert.deepEqual(first, { outcome: 'candidate', isTold: true, candidate, isFollowed: false });
    assert.ok(said.endsWith('. It is for people to promote.'), said);
    const key = `_watched/${createHash('sha256').update(FROM).digest('hex').slice(0, 16)}.json`;
    const seen = () => JSON.parse(new TextDecoder().decode(objects.get(key)));
    const { digest } = seen();
    const calm = { from: FROM, digest, isFollowed: false, isQueued: false, refused: null, isUnreachable: false };
    assert.deepEqual(seen(), calm);
    assert.match(digest, /^sha256:/);
    const again = { outcome: 'unchanged', said: `${FROM} is ${NAME} 1.0.0, as before.`, isTold: false, candidate };
    const written: string[] = [];
    assert.deepEqual(await look({ bucket: memoryBucket(objects, (key) => written.push(key)) }), again);
    assert.deepEqual(written, [], 'nothing new');
    registry.trouble = new TransientTrouble('no answer');
    const down = { outcome: 'unreachable', said: `${FROM} cannot be looked up: no answer`, candidate: null };
    assert.deepEqual(await look(), { ...down, isTold: true });
    assert.deepEqual(await look(), { ...down, isTold: false });
    assert.deepEqual(seen(), { ...calm, isUnreachable: true });
    registry.trouble = null;
    assert.deepEqual([await look(), seen()], [again, calm]);
  });

  test('has the shadow of a candidate ended once people know that it was refused, and no other', async () => {
    const ended: unknown[] = [];
    const follow = {
      begin: async () => followed.begin,
      decide: async () => followed.decide,
      end: async (one: unknown) => void ended.push([one, notices.length]),
    };
    followed.begin = SHADOWS;
    await look({ follow });
    for (const state of ['shadows', 'waits'] as const) {
      followed.decide = { state, said: 'Not yet.' };
      await look({ follow });
    }
    assert.deepEqual(ended, []);
    followed.decide = { state: 'refused', said: 'Agreement: 71 %.' };
    assert.equal((await look({ follow })).outcome, 'held');
    assert.deepEqual(ended, [[{ name: NAME, version: '1.0.0' }, 2]]);
  });

  test('has its candidate followed until the gate decides, with one notice of the decision', async () => {
    for (const [state, outcome, subject] of [
      ['promoted', 'promoted', `Promoted: ${NAME} 1.0.0`],
      ['refused', 'held', `The gate has not let ${NAME} 1.0.0 pass`],
    ] as const) {
      objects.clear();
      notices = [];
      followed = { begin: SHADOWS, decide: SHADOWS };
      assert.equal(await outcomes(2), 'candidate unchanged');
      assert.match(notices[0]!.text, /\n\nIt shadows the live one\. To see it/);
      followed.decide = { state: 'waits', said: 'There is not data enough.' };
      assert.equal(await outcomes(1), 'unchanged');
      followed.decide = { state, said: 'Agreement: 71 %.' };
      assert.equal(await outcomes(2), `${outcome} unchanged`);
      const [{ subject: of, text } = assert.fail(), ...more] = notices.slice(1);
      assert.deepEqual([of, text, more], [subject, `${FROM}: Agreement: 71 %.`, []]);
    }
  });

  test('whose candidate waits for another shadow gets one notice, and is followed after that shadow', async () => {
    followed.begin = QUEUES;
    followed.decide = { state: 'left', said: 'It shadows the live version no longer.' };
    assert.equal(await outcomes(3), 'candidate unchanged unchanged');
    followed.begin = SHADOWS;
    assert.equal(await outcomes(1), 'unchanged');
    followed.decide = PASSED;
    assert.equal(await outcomes(2), 'promoted unchanged');
    assert.deepEqual(subjects(), [`A candidate: ${NAME} 1.0.0`, `Promoted: ${NAME} 1.0.0`]);
  });

  test('whose waiting candidate will not shadow after all gets one more notice', async () => {
    followed.begin = QUEUES;
    await look();
    followed.begin = { state: 'left', said: 'It classifies nothing until somebody promotes it.' };
    assert.equal(await outcomes(2), 'unchanged unchanged');
    assert.equal(notices.length, 2);
    assert.match(
      notices[1]!.text,
      /is droughtwatch-baseline 1\.0\.0\. It classifies nothing until .*\n\n {2}npx swath model list/s,
    );
  });

  test('leaves a waiting candidate alone once a person has promoted it', async () => {
    followed.begin = QUEUES;
    await look();
    promote('1.0.0');
    followed.begin = { state: 'shadows', said: 'It is the live version.' };
    followed.decide = { state: 'left', said: 'Somebody has promoted it.' };
    assert.match((await look()).said, /Somebody has promoted it/);
    assert.equal(await outcomes(1), 'unchanged');
    assert.equal(notices.length, 1);
  });

  test('that changes while its candidate is followed has the new candidate followed', async () => {
    followed.begin = SHADOWS;
    await look();
    registry.files.set('item.json', item('1.1.0'));
    followed.decide = PASSED;
    for (const outcome of ['candidate', 'promoted'])
      assert.partialDeepStrictEqual(await look(), { outcome, candidate: { version: '1.1.0' } });
  });

  test('whose candidate cannot be judged because of a transient error is not reported as unreachable', async () => {
    followed.begin = SHADOWS;
    await look();
    const decide = () => Promise.reject(new TransientTrouble('The tables are busy.'));
    const follow = { begin: async () => followed.begin, decide, end: async () => {} };
    await assert.rejects(look({ follow }), /The tables are busy/);
    assert.equal(notices.length, 1);
  });

  test('that changes and changes back gets a notice of each new candidate', async () => {
    await look();
    registry.files.set('item.json', item('1.1.0'));
    assert.equal(await outcomes(2), 'candidate unchanged');
    promote('1.1.0');
    registry.files.set('item.json', item('1.0.0'));
    assert.equal(await outcomes(2), 'candidate unchanged', 'a way back is a candidate, too');
    assert.deepEqual(
      subjects(),
      ['1.0.0', '1.1.0', '1.0.0'].map((version) => `A candidate: ${NAME} ${version}`),
    );
  });

  test('whose version is live, or was published from a folder, gets no notice', async () => {
    promote('1.0.0');
    assert.equal(await outcomes(2), 'unchanged unchanged');
    objects.clear();
    for (const [file, bytes] of baseline) objects.set(`${NAME}/1.0.0/${file}`, bytes);
    assert.equal(await outcomes(2), 'unchanged unchanged');
    assert.deepEqual(notices, []);
  });

  test('whose registry is unreachable keeps its candidate, with one notice for each outage', async () => {
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

  test('that points nowhere gets one notice', async () => {
    registry.trouble = new InvalidModelPackage(`${FROM} points nowhere: mlflow:5000 answers 400`);
    assert.equal(await outcomes(3), 'refused refused refused');
    assert.equal(notices.length, 1);
    assert.ok(notices[0]!.text.startsWith(`${FROM} points nowhere: mlflow:5000 answers 400\n`));
    registry.trouble = null;
    assert.equal(await outcomes(1), 'candidate');
  });

  test('that was refused before an outage gets no second notice of it afterwards', async () => {
    registry.files.delete('reference.json');
    await look();
    registry.trouble = new TransientTrouble('It is down.');
    await look();
    registry.trouble = null;
    await look();
    assert.deepEqual(subjects(), ['A model version was refused', 'The model registry does not answer']);
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
      'an MLflow model instead of a package',
      () => (registry.files = new Map([['MLmodel', Buffer.from('flavors:')]])),
      /found an MLflow model without item\.json, so nothing says which bands it takes .*mlflow\.log_artifacts\("my-package", "package"\)/,
    ],
    [
      'a package in a subfolder',
      () => (registry.files = new Map([['package/item.json', item('1.0.0')]])),
      /found no item\.json, but one in its folder "package"/,
    ],
    ['nothing', () => registry.files.clear(), /item\.json: found no such file, each package has one/],
    [
      'a file name that leads out of the package',
      () => registry.files.set('item.json', Buffer.from(item('1.1.0').toString().replaceAll('./m', '../../m'))),
      /item\.json.*\.\.\/\.\.\/model\.onnx/,
    ],
    ['an invalid version name', () => registry.files.set('item.json', item('../../promoted')), /item\.json: .*version/],
  ] as [string, () => unknown, RegExp][])
    test(`is refused with one notice, and nothing is written, if it has ${title}`, async () => {
      await look();
      const published = () => [...objects].filter(([key]) => !key.startsWith('_watched/'));
      const before = published();
      registry.version = '4';
      change();
      assert.equal(await outcomes(2), 'refused refused');
      assert.equal(notices.length, 2);
      assert.match(notices[1]!.text, says);
      assert.deepEqual(published(), before);
    });

  test('gets its notice again if sending it or the publication failed', async () => {
    telling = () => {
      throw new Error('The topic is gone.');
    };
    await assert.rejects(look(), /The topic is gone/);
    telling = () => {};
    objects.delete(`${NAME}/1.0.0/item.json`);
    assert.equal(await outcomes(2), 'candidate unchanged');
    assert.equal(notices.length, 1);
  });

  test('is handled as new if its stored state is invalid', async () => {
    await look();
    const [key = ''] = [...objects.keys()].filter((one) => one.startsWith('_watched/'));
    for (const spoilt of ['', '{}', '[1']) {
      objects.set(key, Buffer.from(spoilt));
      assert.equal(await outcomes(2), 'candidate unchanged');
    }
  });
});
