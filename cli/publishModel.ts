import { realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge } from '../core/errors.ts';
import { packageKey } from '../core/keys.ts';
import { MAX_MODEL_BYTES, MAX_PACKAGE_TEXT_BYTES } from '../core/limits.ts';
import type { ModelRef } from '../core/messages.ts';
import type { ModelPackage } from '../core/models/package.ts';
import { type ReadPackageFile, readModelPackage, readOnnxFile } from '../core/models/readPackage.ts';
import type { Bucket, ReadObject } from '../core/objectStore.ts';
import { NoPlainFile, openPlainFile } from '../local/plainFile.ts';
import { tryModel } from './tryModel.ts';

/** A package may come without its model card, and a card may be mended after the version was published. */
const CARD = 'README.md';

/** A version that is in the bucket now; whether it was not before. */
export type Published = ModelRef & { isNew: boolean };

/** A model package as a folder that somebody named: read and checked, with the files that belong to it. */
export async function readPackageFolder(folder: string): Promise<{ model: ModelPackage; files: string[] }> {
  const model = await readModelPackage(filesOf(folder)).catch(inFolder(folder));
  // The item comes last: in the model bucket, a package that has one is whole.
  return { model, files: [model.onnxFile, 'reference.json', CARD, 'item.json'] };
}

/** Reads and checks a package as a folder, and has its model classify a batch: what passes can be published. */
export async function checkPackageFolder(folder: string): Promise<ModelPackage> {
  const { model } = await readPackageFolder(folder);
  await readCard(folder);
  await readOnnxFile(filesOf(folder), model)
    .catch((cause: Error) => {
      if (!(cause instanceof ObjectNotFound)) throw cause;
      throw new InvalidModelPackage(`${model.onnxFile}: found no such file, item.json names it`, { cause });
    })
    .then((onnx) => tryModel(model, onnx))
    .catch(inFolder(folder));
  return model;
}

async function readCard(folder: string): Promise<void> {
  await filesOf(folder)(CARD, MAX_PACKAGE_TEXT_BYTES)
    .catch(noneIfMissing(CARD, MAX_PACKAGE_TEXT_BYTES))
    .catch(inFolder(folder));
}

/** The files of a folder that somebody made, and of no other folder: a link may lead to anything that its reader may read. */
function filesOf(folder: string): ReadPackageFile {
  return async (file, limit = Number.POSITIVE_INFINITY) => {
    try {
      const path = await realpath(join(folder, file));
      if (!path.startsWith((await realpath(folder)) + sep))
        throw new InvalidModelPackage(`${file}: found a link to ${path}, allowed is a file inside the package`);
      await using opened = await openPlainFile(path);
      const { size } = await opened.stat();
      if (size > limit) throw new ObjectTooLarge(path, size, limit);
      return await opened.readFile();
    } catch (cause) {
      if (cause instanceof NoPlainFile)
        throw new InvalidModelPackage(`${file}: found ${cause.found}, allowed is a file`, { cause });
      const { code } = cause as NodeJS.ErrnoException;
      if (code === undefined) throw cause;
      if (['ENOENT', 'ENOTDIR'].includes(code)) throw new ObjectNotFound(`${file} does not exist.`, { cause });
      throw new InvalidModelPackage(`${file}: cannot be read (${code})`, { cause });
    }
  };
}

const inFolder = (folder: string) => (error: Error) => {
  throw error instanceof InvalidModelPackage ? new InvalidModelPackage(`${folder}: ${error.message}`) : error;
};

/**
 * Publishes a package into the model bucket, of the embedded stack or of a stage. A version never changes: publishing it
 * again does nothing, and other content under the same name and version is refused before anything is written.
 */
export async function publishModel(bucket: Bucket, folder: string): Promise<Published> {
  const { model, files } = await readPackageFolder(resolve(folder));
  const ref = { name: model.name, version: model.version };
  const contents = new Map<string, Uint8Array>();
  const read = filesOf(folder);
  const missing: string[] = [];
  for (const file of files) {
    const limit = file === model.onnxFile ? MAX_MODEL_BYTES : MAX_PACKAGE_TEXT_BYTES;
    const bytes = await read(file, limit).catch(noneIfMissing(file, limit)).catch(inFolder(folder));
    if (bytes === undefined && file !== CARD) throw new InvalidModelPackage(`${folder}: ${file} is missing.`);
    if (bytes === undefined) continue;
    contents.set(file, bytes);
    const there = await readIfThere(bucket.read, packageKey(ref, file));
    if (there === undefined) missing.push(file);
    else if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).equals(there) && file !== CARD)
      throw new InvalidModelPackage(
        `${folder}: ${ref.name} ${ref.version} was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
      );
  }
  // A version never changes, so what cannot run must not become one.
  const isNew = missing.some((file) => file !== CARD);
  if (isNew) await tryModel(model, contents.get(model.onnxFile)!).catch(inFolder(folder));
  for (const file of missing) await bucket.write(packageKey(ref, file), contents.get(file)!);
  return { ...ref, isNew };
}

async function readIfThere(read: ReadObject, key: string): Promise<Uint8Array | undefined> {
  return read(key).catch((error: unknown) => {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  });
}

const noneIfMissing = (file: string, limit: number) => (error: unknown) => {
  if (error instanceof ObjectTooLarge)
    throw new InvalidModelPackage(`${file}: found ${error.bytes} bytes, allowed are at most ${limit}`);
  if (!(error instanceof ObjectNotFound)) throw error;
  return undefined;
};
