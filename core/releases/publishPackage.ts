import { hash } from 'node:crypto';
import { InvalidModelPackage, insteadOf, ObjectNotFound, ObjectTooLarge, orElse } from '../base/errors.ts';
import { packageKey, publicationKey } from '../base/keys.ts';
import { MAX_PACKAGE_TEXT_BYTES, MAX_POLYGONS_BYTES, MAX_TOKENIZER_BYTES } from '../base/limits.ts';
import type { ModelRef } from '../base/messages.ts';
import { type Bucket, nullIfNotFound } from '../base/objectStore.ts';
import { readArtifact } from '../inference/artifact.ts';
import { checkStated } from '../package/checkStated.ts';
import { polygonFiles } from '../package/landCover.ts';
import { nameNotes, orderNotes, warningsOn } from '../package/notes.ts';
import type { ModelPackage } from '../package/package.ts';
import { modelFiles, mostModelBytes, type ReadPackageFile, readWithin, SAMPLE_FILE } from '../package/packageFile.ts';
import { TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from '../package/text/readText.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { type PackageSource, readingOnce } from './origins/packageSource.ts';
import type { Publication } from './publication.ts';
import { CARD, encodePublication, fileDigests, packageDigest, parsePublication, publicationOf } from './publication.ts';

/** A version that is in the bucket; whether it is new there, which files were put back, the digest of its files, and notes. */
export type Published = ModelRef & { isNew: boolean; mended: string[]; digest: string; notes: string[] };

/** Checks that a model predicts its sample, or at least that graph and item match. Throws `InvalidModelPackage`. */
export type CheckModel = (model: ModelPackage, onnx: Uint8Array, files: ReadPackageFile) => Promise<unknown>;

export type PublishOptions = {
  bucket: Pick<Bucket, 'readVersion' | 'replaceVersion'>;
  checkModel: CheckModel;
  /** When it is published, and the origin as it was given; null for a folder. Stored with the version. */
  at: Date;
  from: string | null;
  digest?: string | undefined;
};

/**
 * Publishes a package to the model bucket of the embedded stack or of a stage. Versions are immutable: publishing one again
 * puts back what has changed in the bucket, and other content under the same name and version is refused before any write.
 *
 * The record of what is published comes first, then the files, and then the record says that the version is whole. Until then
 * it belongs to the writer whose record is there: another one replaces the record, and then all files that differ.
 *
 * @throws {InvalidModelPackage} with the source's location, for anything that cannot be published
 */
export async function publishPackage(source: PackageSource, options: PublishOptions): Promise<Published> {
  const { bucket, checkModel, at, from } = options;
  const read = readingOnce(source.readFile);
  const inSource = inPlace(source.where);
  const model = await readModelPackage(read).catch(async (error: Error) => inSource(await explained(error, read)));
  const { name, version } = model;
  const contents = await contentsOf(read, model).catch(inSource);
  const card = await readWithin(read, CARD, MAX_PACKAGE_TEXT_BYTES).catch(nullIfNotFound).catch(inSource);
  const files = fileDigests(contents);
  const digest = packageDigest(files);
  if (options.digest !== undefined && options.digest !== digest)
    inSource(
      new InvalidModelPackage(`found ${digest}, allowed is ${options.digest}: these are not the expected files`),
    );
  const record = publicationOf(files, at, from, from === null ? null : source.where);
  const readThere = (file: string) => bucket.readVersion(packageKey(model, file));
  const [key, readRecord] = [publicationKey(model), () => bucket.readVersion(publicationKey(model))];
  return write().catch(inSource);

  async function write(): Promise<Published> {
    const isNew = await claim();
    const edited = card && (await readThere(CARD));
    if (card !== null && edited === null) await bucket.replaceVersion(packageKey(model, CARD), card, null);
    const mended: string[] = [];
    for (const [file, bytes] of contents) if (await put(file, bytes)) mended.push(file);
    await complete();
    const reference: unknown = JSON.parse(new TextDecoder().decode(contents.get('reference.json')));
    const notes = [...orderNotes(model), ...nameNotes(model), ...warningsOn(reference)];
    if (card && edited && Buffer.compare(card, edited.bytes) !== 0)
      notes.push(`${CARD}: the model bucket has another one, which stays; it may be edited there`);
    return { name, version, isNew, mended: isNew ? [] : mended, digest, notes };
  }

  /** Makes the record this one unless it is there already; returns whether the version is new. */
  async function claim(): Promise<boolean> {
    for (let isChecked = false; ; isChecked = true) {
      const found = await readRecord();
      const there = found && recordIn(model, found.bytes);
      const isCopied = there === null && (await readThere('item.json')) !== null; // by other means
      if (there?.isWhole === true || isCopied) await assertSame(there);
      if (there?.isWhole === true) return false;
      // Versions are immutable, so one that cannot run must not be created.
      if (!isChecked) await checkStated(read, model);
      if (!isChecked) await checkModel(model, await readArtifact(read, model), read);
      const claimed = isCopied ? { ...record, from: null, where: null } : record;
      if ((await bucket.replaceVersion(key, encodePublication(claimed), found?.version ?? null)) !== null)
        return !isCopied;
    }
  }

  /** A complete version has these files: by its record, or if it has none, by themselves. */
  async function assertSame(there: Publication | null): Promise<void> {
    for (const [file, bytes] of contents) {
      const copied = there === null ? await readThere(file) : null;
      const found = there === null ? copied && hash('sha256', copied.bytes) : there.files[file];
      if (found !== hash('sha256', bytes)) throw changed(file);
    }
    const gone = Object.keys(there?.files ?? {}).find((file) => !contents.has(file));
    if (gone !== undefined) throw changed(gone);
  }

  /** Writes a file unless it is there; over another one only as long as the record is this one. */
  async function put(file: string, bytes: Uint8Array): Promise<boolean> {
    for (;;) {
      const there = await readThere(file);
      if (there !== null && Buffer.compare(there.bytes, bytes) === 0) return false;
      if (there !== null && !(await isOurs())) throw changed(file);
      const written = await bucket.replaceVersion(packageKey(model, file), bytes, there?.version ?? null);
      if (written === null) continue;
      if (there === null || (await isOurs())) return true;
      // The write was so slow that another writer has made the version whole meanwhile, with the file as it was.
      await bucket.replaceVersion(packageKey(model, file), there.bytes, written);
      throw changed(file);
    }
  }

  async function isOurs(): Promise<boolean> {
    return recordIn(model, (await readRecord())?.bytes)?.digest === digest;
  }

  async function complete(): Promise<void> {
    for (;;) {
      const found = await readRecord();
      const there = recordIn(model, found?.bytes);
      if (there?.digest !== digest) await assertSame(there);
      if (found === null || there === null) throw changed('publication.json');
      if (there.isWhole) return;
      if ((await bucket.replaceVersion(key, encodePublication({ ...there, isWhole: true }), found.version)) !== null)
        return;
    }
  }

  function changed(file: string): InvalidModelPackage {
    return new InvalidModelPackage(
      `${name} ${version} was published before with another ${file}. A version never changes: give this one a new version in item.json.`,
    );
  }
}

/** An invalid one is replaced. */
const recordIn = (model: ModelRef, bytes: Uint8Array | undefined): Publication | null =>
  bytes === undefined ? null : orElse(null, () => parsePublication(model, bytes));

/** Returns the files of a version. The item is last: a package in the model bucket is complete once it has one. */
export async function contentsOf(read: ReadPackageFile, model: ModelPackage): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  const limits = {
    ...Object.fromEntries(modelFiles(model).map((file) => [file, mostModelBytes(model)])),
    ...Object.fromEntries(polygonFiles(model).map((file) => [file, MAX_POLYGONS_BYTES])),
    ...(model.text && { [TOKENIZER_FILE]: MAX_TOKENIZER_BYTES, [TOKENIZER_CONFIG_FILE]: MAX_TOKENIZER_BYTES }),
    'reference.json': MAX_PACKAGE_TEXT_BYTES,
    [SAMPLE_FILE]: MAX_PACKAGE_TEXT_BYTES,
    'item.json': MAX_PACKAGE_TEXT_BYTES,
  };
  for (const [file, limit] of Object.entries(limits)) {
    const bytes = await readWithin(read, file, limit).catch(nullIfNotFound);
    if (bytes !== null) contents.set(file, bytes);
    else if (file !== SAMPLE_FILE && file !== TOKENIZER_CONFIG_FILE)
      throw new InvalidModelPackage(`${file} is missing.`);
  }
  return contents;
}

/** Prefixes errors about a package with its location. */
export const inPlace = (where: string): ((error: unknown) => never) =>
  insteadOf(InvalidModelPackage, (cause) => {
    const { message, problems } = cause;
    return message.startsWith(where) ? cause : new InvalidModelPackage(`${where}: ${message}`, { cause, problems });
  });

/** Adds a hint: a package without item.json is often another kind of model, or one folder deeper. */
async function explained(error: Error, read: ReadPackageFile): Promise<Error> {
  if (!(error.cause instanceof ObjectNotFound && error.message.startsWith('item.json'))) return error;
  const isTooLarge = (found: unknown) => found instanceof ObjectTooLarge;
  const isThere = (file: string) => read(file, MAX_PACKAGE_TEXT_BYTES).then(() => true, isTooLarge);
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
