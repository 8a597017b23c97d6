import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InvalidModelPackage, ObjectNotFound } from '../functions/shared/errors.ts';
import { packageKey, promotedKey } from '../functions/shared/keys.ts';
import type { ModelRef } from '../functions/shared/messages.ts';
import { type ModelPackage, readModelPackage } from '../functions/shared/model/package.ts';
import { readFromFolder, writeToFolder } from './folderBucket.ts';

/** A model package as a folder that somebody named: read and checked, with the files that belong to it. */
export async function readPackageFolder(folder: string): Promise<{ model: ModelPackage; files: string[] }> {
  const model = await readModelPackage(async (file) => {
    try {
      return await readFile(join(folder, file));
    } catch (cause) {
      throw new ObjectNotFound(`${join(folder, file)} does not exist.`, { cause });
    }
  }).catch((error: Error) => {
    throw error instanceof InvalidModelPackage ? new InvalidModelPackage(`${folder}: ${error.message}`) : error;
  });
  // The item comes last: in the model bucket, a package that has one is whole.
  return { model, files: [model.onnxFile, 'reference.json', 'README.md', 'item.json'] };
}

/**
 * Publishes a package into the model bucket. A version never changes: publishing it again does nothing, and other
 * content under the same name and version is refused.
 */
export async function publishModel(bucket: string, folder: string): Promise<ModelRef> {
  const { model, files } = await readPackageFolder(resolve(folder));
  const ref = { name: model.name, version: model.version };
  const read = readFromFolder(bucket);
  const write = writeToFolder(bucket);
  for (const file of files) {
    const bytes = await readFile(join(folder, file)).catch(() => undefined);
    if (bytes === undefined && file !== 'README.md') throw new InvalidModelPackage(`${folder}: ${file} is missing.`);
    if (bytes === undefined) continue;
    const there = await read(packageKey(ref, file)).catch((error: unknown) => {
      if (error instanceof ObjectNotFound) return undefined;
      throw error;
    });
    // A version never changes, so what cannot run must not become one. The model is the first of the files.
    if (there === undefined && file === model.onnxFile) await tryModel(folder, model, bytes);
    if (there === undefined) await write(packageKey(ref, file), bytes);
    else if (!bytes.equals(there) && file !== 'README.md')
      throw new InvalidModelPackage(
        `${folder}: ${ref.name} ${ref.version} was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
      );
  }
  return ref;
}

/** Loads the model as infer would. Only here does a command itself need onnxruntime. */
async function tryModel(folder: string, model: ModelPackage, onnx: Uint8Array): Promise<void> {
  const { makeClassifier } = await import('../functions/infer/classifier.ts');
  await makeClassifier(model, onnx, 1).catch((error: Error) => {
    throw error instanceof InvalidModelPackage ? new InvalidModelPackage(`${folder}: ${error.message}`) : error;
  });
}

/** Lets a published version classify whatever comes from now on; `at` is what is kept as the time of that. */
export async function promoteModel(bucket: string, { name, version }: ModelRef, at: Date): Promise<void> {
  const promoted = JSON.stringify({ version, promotedAt: at.toISOString() });
  await writeToFolder(bucket)(promotedKey(name), new TextEncoder().encode(promoted));
}
