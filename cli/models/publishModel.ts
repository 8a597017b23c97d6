import { realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { InvalidModelPackage, insteadOf, ObjectNotFound, ObjectTooLarge } from '../../core/base/errors.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../core/base/limits.ts';
import { type Bucket, nullIfNotFound } from '../../core/base/objectStore.ts';
import { precise } from '../../core/base/text/numbers.ts';
import { readSample } from '../../core/doors/requests/sample.ts';
import { readArtifact } from '../../core/inference/artifact.ts';
import { checkStated } from '../../core/package/checkStated.ts';
import { notesOn } from '../../core/package/notes.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { type ReadPackageFile, readJson, readWithin } from '../../core/package/packageFile.ts';
import type { PackageSource } from '../../core/releases/origins/packageSource.ts';
import { CARD } from '../../core/releases/publication.ts';
import { type CheckModel, inPlace, publishPackage } from '../../core/releases/publishPackage.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { NoPlainFile, openPlainFile } from '../../local/buckets/plainFile.ts';
import { tryModel } from './tryModel.ts';

export const readPackageFolder = async (folder: string) => readModelPackage(filesOf(folder)).catch(inPlace(folder));

export async function readPackage(folder: string): Promise<{ model: ModelPackage; onnx: Uint8Array }> {
  const model = await readPackageFolder(folder);
  const none = (file: string) => `${file}: found no such file, item.json names it`;
  const read: ReadPackageFile = (file, limit) =>
    filesOf(folder)(file, limit).catch(
      insteadOf(ObjectNotFound, (cause) => new InvalidModelPackage(none(file), { cause })),
    );
  return { model, onnx: await readArtifact(read, model).catch(inPlace(folder)) };
}

/** Checks the folder of a package, and classifies a batch with its model: a package that passes can be published. */
export async function checkPackageFolder(folder: string) {
  const { model, onnx } = await readPackage(folder);
  await checkStated(filesOf(folder), model).catch(inPlace(folder));
  const reading = readWithin(filesOf(folder), CARD, MAX_PACKAGE_TEXT_BYTES).catch(nullIfNotFound);
  const card = await reading.catch(inPlace(folder));
  const sample = await readSample(filesOf(folder), model).catch(inPlace(folder));
  const tried = await tryModel(model, onnx, sample).catch(inPlace(folder));
  const read = (file: string) => readJson(filesOf(folder), file);
  const [item, reference] = await Promise.all(['item.json', 'reference.json'].map(read));
  const ofBatch = `${model.artifact.file}: is quantised as it runs, by one scale for all of a batch, so a chip's numbers change with the others of its batch, in this trial by up to ${precise(tried.apart)}; quantised with fixed scales (quantize_static of onnxruntime), they would not`;
  const notes = [...notesOn({ item, reference, hasCard: card !== null }, model), ...(tried.apart > 0 ? [ofBatch] : [])];
  return { model, onnx, sample, tried, notes };
}

/** Reads files of a folder, and refuses links that lead out of it: they could expose any file that the user can read. */
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

export const checkModel: CheckModel = async (model, onnx, read) => tryModel(model, onnx, await readSample(read, model));

export const folderSource = (folder: string): PackageSource => ({ where: folder, readFile: filesOf(resolve(folder)) });

export const publishModel = (bucket: Bucket, folder: string) =>
  publishPackage(folderSource(folder), { bucket, checkModel, at: new Date(), from: null });
