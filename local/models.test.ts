import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InvalidModelPackage } from '../functions/shared/errors.ts';
import { BASELINE } from '../functions/shared/model/testPackage.ts';
import { makeModels } from '../functions/shared/models.ts';
import { readFromFolder } from './folderBucket.ts';
import { promoteModel, publishModel } from './models.ts';

const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };
const files = ['README.md', 'item.json', 'model.onnx', 'reference.json'];

const root = fs.mkdtempSync(join(tmpdir(), 'swath-models-'));
after(() => fs.rmSync(root, { recursive: true }));

let bucket: string;
let folder: string;
const at = new Date('2026-03-01T08:00:00Z');
beforeEach(() => {
  bucket = fs.mkdtempSync(join(root, 'bucket-'));
  folder = fs.mkdtempSync(join(root, 'package-'));
  fs.cpSync(fileURLToPath(BASELINE), folder, { recursive: true });
});

describe('a package', () => {
  test('is published under its own name and version, and can be read from there', async () => {
    assert.deepEqual(await publishModel(bucket, folder), ref);
    assert.deepEqual(published(), files);
    const models = makeModels(readFromFolder(bucket), ref.name);
    assert.equal((await models.load(ref)).onnxFile, 'model.onnx');
    assert.equal(await models.promotedOrNone(), null, 'published is not promoted');
    await promoteModel(bucket, ref, at);
    assert.deepEqual(await models.promoted(), ref);
    assert.deepEqual(await models.promotion(), { ...ref, promotedAt: at.toISOString() });
  });

  test('published again changes nothing', async () => {
    await publishModel(bucket, folder);
    const before = timesOf();
    await publishModel(bucket, folder);
    assert.deepEqual(timesOf(), before);
  });

  for (const file of ['model.onnx', 'reference.json', 'item.json'])
    test(`of a version that was published with another ${file} is refused`, async () => {
      await publishModel(bucket, folder);
      const path = join(bucket, ref.name, ref.version, file);
      fs.appendFileSync(path, ' ');
      await assert.rejects(publishModel(bucket, folder), {
        name: 'InvalidModelPackage',
        message: `${folder}: droughtwatch-baseline 1.0.0 was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
      });
    });

  for (const file of ['model.onnx', 'reference.json', 'item.json'])
    test(`without ${file} is refused, and nobody can take what is there for a package`, async () => {
      fs.rmSync(join(folder, file));
      await assert.rejects(publishModel(bucket, folder), (error) => {
        assert.ok(error instanceof InvalidModelPackage);
        assert.ok(
          error.message.startsWith(`${folder}: ${file}: `) || error.message === `${folder}: ${file} is missing.`,
        );
        return true;
      });
      assert.ok(!published().includes('item.json'));
    });

  test('that could be published in part only is none: the item comes last', async () => {
    fs.mkdirSync(join(bucket, ref.name, ref.version, 'README.md'), { recursive: true });
    await assert.rejects(publishModel(bucket, folder));
    assert.ok(!published().includes('item.json'));
  });

  test('may come without a README', async () => {
    fs.rmSync(join(folder, 'README.md'));
    await publishModel(bucket, folder);
    assert.deepEqual(published(), files.slice(1));
  });
});

test('promoting another version changes one file', async () => {
  await promoteModel(bucket, ref, at);
  await promoteModel(bucket, { ...ref, version: '1.1.0' }, at);
  const models = makeModels(readFromFolder(bucket), ref.name);
  assert.deepEqual(await models.promoted(), { ...ref, version: '1.1.0' });
  assert.deepEqual(fs.readdirSync(bucket, { recursive: true }), [ref.name, join(ref.name, 'promoted.json')]);
});

function published(): string[] {
  const where = join(bucket, ref.name, ref.version);
  return fs.existsSync(where) ? fs.readdirSync(where).sort() : [];
}

function timesOf() {
  return published().map((file) => fs.statSync(join(bucket, ref.name, ref.version, file), { bigint: true }).mtimeNs);
}
