import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge } from '../errors.ts';
import { packageKey } from '../keys.ts';
import { MAX_MODEL_BYTES, MAX_PACKAGE_TEXT_BYTES } from '../limits.ts';
import type { ModelRef } from '../messages.ts';
import type { Bucket } from '../objectStore.ts';
import { type PackageSource, readingOnce } from './origins/packageSource.ts';
import type { ModelPackage } from './package.ts';
import { packageDigest } from './packageDigest.ts';
import { writePublication } from './publication.ts';
import { type ReadPackageFile, readModelPackage } from './readPackage.ts';
import { SAMPLE_FILE } from './storedSample.ts';

/** The model card is optional, and may be edited after a version was published. */
export const CARD = 'README.md';

/** A version that is in the bucket; whether it is new there, and the digest of its files. */
export type Published = ModelRef & { isNew: boolean; digest: string };

/**
 * Checks a model before it is published: that it runs and predicts the package's sample, where it can be run; elsewhere
 * that its graph matches the item. Throws `InvalidModelPackage` otherwise.
 */
export type CheckModel = (model: ModelPackage, onnx: Uint8Array, files: ReadPackageFile) => Promise<void>;

export type PublishOptions = {
  bucket: Pick<Bucket, 'read' | 'write'>;
  checkModel: CheckModel;
  /** The origin and time of the request, which are stored with the version; absent for a folder. */
  asked?: { from: string; at: Date };
  /** The only accepted digest, if one is given. */
  digest?: string | undefined;
};

/**
 * Publishes a package to the model bucket of the embedded stack or of a stage. Versions are immutable: publishing one again
 * does nothing, and different content under the same name and version is rejected before anything is written.
 *
 * @throws {InvalidModelPackage} with the source's location, for anything that cannot be published
 */
export async function publishPackage(source: PackageSource, options: PublishOptions): Promise<Published> {
  const read = readingOnce(source.readFile);
  const inSource = inPlace(source.where);
  const model = await readModelPackage(read).catch(async (error: Error) => inSource(await explained(error, read)));
  const contents = await contentsOf(read, model).catch(inSource);
  const card = await readIfThere(read, CARD, MAX_PACKAGE_TEXT_BYTES).catch(inSource);
  const digest = packageDigest(contents);
  if (options.digest !== undefined && options.digest !== digest)
    inSource(
      new InvalidModelPackage(`found ${digest}, allowed is ${options.digest}: these are not the expected files`),
    );
  return write({ ...options, ...{ model, contents, card, digest, read, where: source.where, inSource } });
}

type Work = Omit<PublishOptions, 'digest'> & {
  model: ModelPackage;
  contents: Map<string, Uint8Array>;
  card: Uint8Array | undefined;
  digest: string;
  read: ReadPackageFile;
  where: string;
  inSource: (error: unknown) => never;
};

async function write(work: Work): Promise<Published> {
  const { bucket, checkModel, asked, model, contents, card, digest, read, where, inSource } = work;
  const ref = { name: model.name, version: model.version };
  const missing: string[] = [];
  for (const [file, bytes] of contents) {
    const there = await bucket.read(packageKey(ref, file)).catch(noneIfMissing);
    if (there === undefined) missing.push(file);
    else if (Buffer.compare(bytes, there) !== 0)
      inSource(
        new InvalidModelPackage(
          `${ref.name} ${ref.version} was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
        ),
      );
  }
  // Versions are immutable, so one that cannot run must not be created.
  const isNew = missing.length > 0;
  if (isNew) await checkModel(model, contents.get(model.onnxFile)!, read).catch(inSource);
  if (isNew && asked !== undefined)
    await writePublication(bucket, ref, { from: asked.from, where, digest, at: asked.at.toISOString() });
  const cardThere = await bucket.read(packageKey(ref, CARD)).catch(noneIfMissing);
  if (card !== undefined && cardThere === undefined) await bucket.write(packageKey(ref, CARD), card);
  for (const file of missing) await bucket.write(packageKey(ref, file), contents.get(file)!);
  return { ...ref, isNew, digest };
}

/** Returns the files of a version. The item is last: a package in the model bucket is complete once it has one. */
async function contentsOf(read: ReadPackageFile, model: ModelPackage): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const file of [model.onnxFile, 'reference.json', SAMPLE_FILE, 'item.json']) {
    const bytes = await readIfThere(read, file, file === model.onnxFile ? MAX_MODEL_BYTES : MAX_PACKAGE_TEXT_BYTES);
    if (bytes !== undefined) contents.set(file, bytes);
    else if (file !== SAMPLE_FILE) throw new InvalidModelPackage(`${file} is missing.`);
  }
  return contents;
}

/** Reads a file of a package; undefined if it does not exist. */
export async function readIfThere(read: ReadPackageFile, file: string, limit: number): Promise<Uint8Array | undefined> {
  return read(file, limit).catch((error: Error) => {
    if (!(error instanceof ObjectTooLarge)) return noneIfMissing(error);
    throw new InvalidModelPackage(`${file}: found ${error.bytes} bytes, allowed are at most ${limit}`, {
      cause: error,
    });
  });
}

/** Prefixes errors about a package with its location. */
export function inPlace(where: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof InvalidModelPackage)) throw error;
    if (error.message.startsWith(where)) throw error;
    throw new InvalidModelPackage(`${where}: ${error.message}`, { cause: error, problems: error.problems });
  };
}

/** Adds a hint: a package without item.json is often another kind of model, or one folder deeper. */
async function explained(error: Error, read: ReadPackageFile): Promise<Error> {
  if (!(error.cause instanceof ObjectNotFound && error.message.startsWith('item.json'))) return error;
  const isThere = (file: string) =>
    read(file, MAX_PACKAGE_TEXT_BYTES).then(
      () => true,
      (found: unknown) => found instanceof ObjectTooLarge,
    );
  const allowed = 'allowed is the folder of a model package, with item.json, model.onnx and reference.json';
  if (await isThere('MLmodel'))
    return new InvalidModelPackage(
      `found an MLflow model without item.json, so nothing says which bands it takes and in what units; ${allowed}, as by mlflow.log_artifacts("my-package", "package")`,
      { cause: error },
    );
  if (!(await isThere('package/item.json'))) return error;
  return new InvalidModelPackage(`found no item.json, but one in its folder "package"; ${allowed}: name that one`, {
    cause: error,
  });
}

function noneIfMissing(error: unknown): undefined {
  if (!(error instanceof ObjectNotFound)) throw error;
}
