import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { makeModels } from '../../core/releases/models.ts';
import { readPublication } from '../../core/releases/publication.ts';
import { publishPackage } from '../../core/releases/publishPackage.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { BASELINE } from '../../test/benches/packages.ts';
import { checkModel, folderSource, publishModel } from './publishModel.ts';

const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };
const files = ['README.md', 'item.json', 'model.onnx', 'publication.json', 'reference.json', 'sample.json'];

const root = fs.mkdtempSync(join(tmpdir(), 'swath-models-'));
after(() => fs.rmSync(root, { recursive: true }));

let bucket: string;
let folder: string;
describe('a package that is published', () => {
  beforeEach(() => {
    bucket = fs.mkdtempSync(join(root, 'bucket-'));
    folder = fs.mkdtempSync(join(root, 'package-'));
    fs.cpSync(fileURLToPath(BASELINE), folder, { recursive: true });
  });

  describe('a package', () => {
    test('is published under its own name and version, and can be read from there', async () => {
      assert.partialDeepStrictEqual(await publish(), { ...ref, isNew: true });
      assert.deepEqual(published(), files);
      const models = makeModels(folderBucket(bucket).read, ref.name);
      assert.equal((await models.load(ref)).artifact.file, 'model.onnx');
      assert.equal(await models.promotion(), null, 'published is not promoted');
    });

    test('is refused, and not there, if its model is not the one of which its item has the checksum', async () => {
      const model = fs.readFileSync(join(folder, 'model.onnx'));
      model[model.length >> 1]! ^= 1;
      fs.writeFileSync(join(folder, 'model.onnx'), model);
      await assert.rejects(publish(), /model\.onnx: found the file:checksum 1220.*as item\.json has it/);
      assert.ok(!fs.existsSync(join(bucket, ref.name)));
    });

    test('has a record of where it came from, which is nowhere for a folder', async () => {
      await publish();
      const recordNow = () => readPublication(folderBucket(bucket).read, ref);
      assert.partialDeepStrictEqual(await recordNow(), { from: null, where: null, isWhole: true });
      fs.rmSync(join(bucket, ref.name), { recursive: true });
      await publishPackage(folderSource(folder), { ...asked(), from: 'mlflow:drought/3' });
      assert.partialDeepStrictEqual(await recordNow(), { from: 'mlflow:drought/3', where: folder });
    });

    test('whose record is spoilt while it is written is refused', async () => {
      const there = folderBucket(bucket);
      const replaceVersion: typeof there.replaceVersion = async (key, ...rest) => {
        const written = await there.replaceVersion(key, ...rest);
        if (key.endsWith('item.json'))
          fs.writeFileSync(join(bucket, ref.name, ref.version, 'publication.json'), 'no record');
        return written;
      };
      await assert.rejects(
        publishPackage(folderSource(folder), { ...asked(), bucket: { ...there, replaceVersion } }),
        /was published before with another publication\.json/,
      );
    });

    test('published again changes nothing', async () => {
      await publish();
      const before = timesOf();
      assert.partialDeepStrictEqual(await publish(), { ...ref, isNew: false });
      assert.deepEqual(timesOf(), before);
    });

    test('that was published in part is finished, the item last', async () => {
      await publish();
      for (const file of ['item.json', 'reference.json']) fs.rmSync(join(bucket, ref.name, ref.version, file));
      const put = await publishPackage(folderSource(folder), asked());
      assert.deepEqual(put, {
        ...ref,
        isNew: false,
        mended: ['reference.json', 'item.json'],
        digest: DIGEST,
        notes: [],
      });
      assert.deepEqual(published(), files);
    });

    for (const file of ['model.onnx', 'reference.json', 'item.json'])
      test(`of a version that was published with another ${file} is refused`, async () => {
        await publish();
        fs.appendFileSync(join(folder, file), ' ');
        fs.rmSync(join(bucket, ref.name, ref.version, 'README.md'));
        await assert.rejects(publish(), {
          name: 'InvalidModelPackage',
          message: `${folder}: droughtwatch-baseline 1.0.0 was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
        });
        assert.ok(!published().includes('README.md'), 'nothing of it was written');
      });

    test('of a version that was published with a file more is refused', async () => {
      await publish();
      fs.rmSync(join(folder, 'sample.json'));
      await assert.rejects(publish(), /was published before with another sample\.json\. A version never changes/);
    });

    test('has each file written, even if a write fails at first', async () => {
      const there = folderBucket(bucket);
      const tried = new Set<string>();
      const replaceVersion: typeof there.replaceVersion = async (key, ...rest) => {
        if (tried.has(key)) return there.replaceVersion(key, ...rest);
        tried.add(key);
        return null;
      };
      await publishPackage(folderSource(folder), { ...asked(), bucket: { ...there, replaceVersion } });
      assert.deepEqual(published(), files.slice(1), 'all but the README, which is tried once');
    });

    test('is tried once, though somebody else writes its record at the same time', async () => {
      const there = folderBucket(bucket);
      let [writes, trials] = [0, 0];
      const isLate: typeof there.replaceVersion = async (key, ...rest) => {
        if (key.endsWith('publication.json')) writes += 1;
        return writes === 1 ? null : there.replaceVersion(key, ...rest);
      };
      const checkModel = async () => {
        trials += 1;
      };
      const options = { ...asked(), bucket: { ...there, replaceVersion: isLate }, checkModel };
      assert.equal((await publishPackage(folderSource(folder), options)).isNew, true);
      assert.equal(trials, 1);
      assert.deepEqual(published(), files);
    });

    test('stays as others have made it whole while a write over one of its files was on its way', async () => {
      const whole = folderSource(fileURLToPath(BASELINE));
      const there = folderBucket(bucket);
      const dies: typeof there.replaceVersion = async (key, ...rest) =>
        key.endsWith('item.json') ? Promise.reject(new Error('killed')) : there.replaceVersion(key, ...rest);
      await assert.rejects(publishPackage(whole, { ...asked(), bucket: { ...there, replaceVersion: dies } }), /killed/);
      fs.appendFileSync(join(folder, 'reference.json'), ' ');
      const isSlow: typeof there.replaceVersion = async (key, ...rest) => {
        if (key.endsWith('reference.json')) await publishPackage(whole, asked());
        return there.replaceVersion(key, ...rest);
      };
      await assert.rejects(
        publishPackage(folderSource(folder), { ...asked(), bucket: { ...there, replaceVersion: isSlow } }),
        /was published before with another reference\.json/,
      );
      const models = makeModels(there.read, ref.name);
      assert.equal((await models.load(ref)).version, ref.version, 'its files are those of its record');
    });

    for (const file of ['model.onnx', 'reference.json', 'item.json'])
      test(`without ${file} is refused, and the written files cannot be taken for a package`, async () => {
        fs.rmSync(join(folder, file));
        await assert.rejects(publish(), (error) => {
          assert.ok(error instanceof InvalidModelPackage);
          assert.ok(
            error.message.startsWith(`${folder}: ${file}: `) || error.message === `${folder}: ${file} is missing.`,
          );
          return true;
        });
        assert.ok(!published().includes('item.json'));
      });

    test('with a broken item is refused for the item, whatever else is in the folder', async () => {
      fs.writeFileSync(join(folder, 'item.json'), '{}');
      fs.writeFileSync(join(folder, 'MLmodel'), 'flavors: {}');
      await assert.rejects(publish(), ({ message }: Error) => {
        assert.ok(message.startsWith(`${folder}: item.json: `), message);
        assert.doesNotMatch(message, /MLflow/);
        return true;
      });
    });

    test('that is published only in part is no package: the item is written last', async () => {
      fs.mkdirSync(join(bucket, ref.name, ref.version, 'README.md'), { recursive: true });
      await assert.rejects(publish());
      assert.ok(!published().includes('item.json'));
    });

    test('is published where its digest is the one that was named, and refused where it is another', async () => {
      await assert.rejects(publishPackage(folderSource(folder), { ...asked(), digest: `sha256:${'0'.repeat(64)}` }), {
        name: 'InvalidModelPackage',
        message: `${folder}: found ${DIGEST}, allowed is sha256:${'0'.repeat(64)}: these are not the expected files`,
      });
      assert.deepEqual(published(), []);
      fs.appendFileSync(join(folder, 'README.md'), 'A word more.');
      const found = await publishPackage(folderSource(folder), { ...asked(), digest: DIGEST });
      assert.deepEqual(found, { ...ref, isNew: true, mended: [], digest: DIGEST, notes: [] }, 'a card may be mended');
    });

    test('with another card leaves that of the bucket, and says so', async () => {
      await publish();
      fs.appendFileSync(join(folder, 'README.md'), 'A word more.');
      const { notes, mended } = await publishPackage(folderSource(folder), asked());
      assert.deepEqual(notes, ['README.md: the model bucket has another one, which stays; it may be edited there']);
      assert.deepEqual(mended, []);
    });

    test('may come without a README', async () => {
      fs.rmSync(join(folder, 'README.md'));
      await publish();
      assert.deepEqual(published(), files.slice(1));
    });
  });
});

const publish = () => publishModel(folderBucket(bucket), folder);
const asked = () => ({ bucket: folderBucket(bucket), checkModel, at: new Date(), from: null });
const DIGEST = 'sha256:3e6ee2c1142bb211a543434db3e62382dde422d8a6b432a8d57fa56c8500fdf5';

function published(): string[] {
  const where = join(bucket, ref.name, ref.version);
  return fs.existsSync(where) ? fs.readdirSync(where).sort() : [];
}

function timesOf() {
  return published().map((file) => fs.statSync(join(bucket, ref.name, ref.version, file), { bigint: true }).mtimeNs);
}
