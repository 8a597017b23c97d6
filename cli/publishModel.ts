import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InvalidModelPackage, ObjectNotFound } from '../functions/shared/errors.ts';
import { packageKey } from '../functions/shared/keys.ts';
import type { ModelRef } from '../functions/shared/messages.ts';
import { type ModelPackage, readModelPackage } from '../functions/shared/model/package.ts';
import type { Bucket, ReadObject } from '../functions/shared/objectStore.ts';

/** A package may come without its model card, and a card may be mended after the version was published. */
const CARD = 'README.md';

/** A version that is in the bucket now; whether it was not before. */
export type Published = ModelRef & { isNew: boolean };

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
  return { model, files: [model.onnxFile, 'reference.json', CARD, 'item.json'] };
}

/**
 * Publishes a package into the model bucket, of the embedded stack or of a stage. A version never changes: publishing it
 * again does nothing, and other content under the same name and version is refused before anything is written.
 */
export async function publishModel(bucket: Bucket, folder: string): Promise<Published> {
  const { model, files } = await readPackageFolder(resolve(folder));
  const ref = { name: model.name, version: model.version };
  const contents = new Map<string, Buffer>();
  const missing: string[] = [];
  for (const file of files) {
    const bytes = await readFile(join(folder, file)).catch(noneIfMissing);
    if (bytes === undefined && file !== CARD) throw new InvalidModelPackage(`${folder}: ${file} is missing.`);
    if (bytes === undefined) continue;
    contents.set(file, bytes);
    const there = await readIfThere(bucket.read, packageKey(ref, file));
    if (there === undefined) missing.push(file);
    else if (!bytes.equals(there) && file !== CARD)
      throw new InvalidModelPackage(
        `${folder}: ${ref.name} ${ref.version} was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
      );
  }
  // A version never changes, so what cannot run must not become one.
  const isNew = missing.some((file) => file !== CARD);
  if (isNew) await tryModel(folder, model, contents.get(model.onnxFile)!);
  for (const file of missing) await bucket.write(packageKey(ref, file), contents.get(file)!);
  return { ...ref, isNew };
}

async function readIfThere(read: ReadObject, key: string): Promise<Uint8Array | undefined> {
  return read(key).catch((error: unknown) => {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  });
}

function noneIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Loads the model as infer would. Only here does a command itself need onnxruntime. */
async function tryModel(folder: string, model: ModelPackage, onnx: Uint8Array): Promise<void> {
  const { makeClassifier } = await import('../functions/infer/classifier.ts');
  await makeClassifier(model, onnx, 1).catch((error: Error) => {
    throw error instanceof InvalidModelPackage ? new InvalidModelPackage(`${folder}: ${error.message}`) : error;
  });
}
