import { realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge } from '../core/errors.ts';
import { packageKey } from '../core/keys.ts';
import { MAX_MODEL_BYTES, MAX_PACKAGE_TEXT_BYTES } from '../core/limits.ts';
import type { ModelRef } from '../core/messages.ts';
import { notesOn } from '../core/models/notes.ts';
import type { ModelPackage } from '../core/models/package.ts';
import { type ReadPackageFile, readModelPackage, readOnnxFile } from '../core/models/readPackage.ts';
import { readSample, type Sample } from '../core/models/sample.ts';
import { SAMPLE_FILE } from '../core/models/storedSample.ts';
import type { Bucket } from '../core/objectStore.ts';
import { NoPlainFile, openPlainFile } from '../local/plainFile.ts';
import { tryModel } from './tryModel.ts';

/** A package may come without its model card, and a card may be mended after the version was published. */
const CARD = 'README.md';

/** A version that is in the bucket now; whether it was not before. */
type Published = ModelRef & { isNew: boolean };

export async function readPackageFolder(folder: string): Promise<ModelPackage> {
  return readModelPackage(filesOf(folder)).catch(inFolder(folder));
}

/** A package as a folder, with its model's file. */
export async function readPackage(folder: string): Promise<{ model: ModelPackage; onnx: Uint8Array }> {
  const model = await readPackageFolder(folder);
  const reading = readOnnxFile(filesOf(folder), model).catch((cause: Error) => {
    if (!(cause instanceof ObjectNotFound)) throw cause;
    throw new InvalidModelPackage(`${model.onnxFile}: found no such file, item.json names it`, { cause });
  });
  return { model, onnx: await reading.catch(inFolder(folder)) };
}

/**
 * Reads and checks a package as a folder, and has its model classify a batch: what passes can be published.
 * @returns its sample, and what is worth a word of it besides
 */
export async function checkPackageFolder(
  folder: string,
): Promise<{ model: ModelPackage; sample: Sample | null; notes: string[] }> {
  const { model, onnx } = await readPackage(folder);
  const card = await readIfThere(folder, CARD, MAX_PACKAGE_TEXT_BYTES);
  const sample = await readSample(filesOf(folder), model).catch(inFolder(folder));
  await tryModel(model, onnx, sample).catch(inFolder(folder));
  const read = async (file: string) =>
    JSON.parse(new TextDecoder().decode(await filesOf(folder)(file, MAX_PACKAGE_TEXT_BYTES)));
  const [item, reference] = await Promise.all(['item.json', 'reference.json'].map(read));
  return { model, sample, notes: notesOn({ item, reference, hasCard: card !== undefined }, model) };
}

/** The files of a folder that somebody made, and of no other folder: a link may lead to anything that its reader may read. */
export function filesOf(folder: string): ReadPackageFile {
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
  if (!(error instanceof InvalidModelPackage)) throw error;
  throw new InvalidModelPackage(`${folder}: ${error.message}`, { cause: error, problems: error.problems });
};

/**
 * Publishes a package into the model bucket, of the embedded stack or of a stage. A version never changes: publishing it
 * again does nothing, and other content under the same name and version is refused before anything is written.
 */
export async function publishModel(bucket: Bucket, folder: string): Promise<Published> {
  const model = await readPackageFolder(resolve(folder));
  const ref = { name: model.name, version: model.version };
  const contents = new Map<string, Uint8Array>();
  const missing: string[] = [];
  // The item comes last: in the model bucket, a package that has one is whole.
  for (const file of [model.onnxFile, 'reference.json', CARD, SAMPLE_FILE, 'item.json']) {
    const limit = file === model.onnxFile ? MAX_MODEL_BYTES : MAX_PACKAGE_TEXT_BYTES;
    const bytes = await readIfThere(folder, file, limit);
    if (bytes === undefined && file !== CARD && file !== SAMPLE_FILE)
      throw new InvalidModelPackage(`${folder}: ${file} is missing.`);
    if (bytes === undefined) continue;
    contents.set(file, bytes);
    const there = await bucket.read(packageKey(ref, file)).catch(noneIfMissing);
    if (there === undefined) missing.push(file);
    else if (Buffer.compare(bytes, there) !== 0 && file !== CARD)
      throw new InvalidModelPackage(
        `${folder}: ${ref.name} ${ref.version} was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
      );
  }
  // A version never changes, so what cannot run must not become one.
  const isNew = missing.some((file) => file !== CARD);
  const sample = await readSample(filesOf(folder), model).catch(inFolder(folder));
  if (isNew) await tryModel(model, contents.get(model.onnxFile)!, sample).catch(inFolder(folder));
  for (const file of missing) await bucket.write(packageKey(ref, file), contents.get(file)!);
  return { ...ref, isNew };
}

async function readIfThere(folder: string, file: string, limit: number): Promise<Uint8Array | undefined> {
  return filesOf(folder)(file, limit)
    .catch((error: Error) => {
      if (!(error instanceof ObjectTooLarge)) return noneIfMissing(error);
      throw new InvalidModelPackage(`${file}: found ${error.bytes} bytes, allowed are at most ${limit}`);
    })
    .catch(inFolder(folder));
}

function noneIfMissing(error: unknown): undefined {
  if (!(error instanceof ObjectNotFound)) throw error;
}
