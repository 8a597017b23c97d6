import { cited } from '../cited.ts';
import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge } from '../errors.ts';
import { MAX_MODEL_BYTES, MAX_PACKAGE_TEXT_BYTES } from '../limits.ts';
import type { DataType } from './dataTypes.ts';
import type { Plan } from './expression.ts';
import { interpretItem } from './interpret.ts';
import { parseItem, type ValueScaling } from './item.ts';
import { parseReference } from './reference.ts';
import type { ResizeType, Size } from './resize.ts';

/** Reads one file of a package by its name in it, with the errors of an object store's `ReadObject`. */
export type ReadPackageFile = (name: string, limit?: number) => Promise<Uint8Array>;

/** All that the service needs to know of a model version. Plain data: it may be sent to a worker or kept as JSON. */
export type ModelPackage = {
  /** The slug of `mlm:name`; the folder's name in the model bucket. */
  readonly name: string;
  readonly version: string;
  /** The ONNX model's name inside the package. */
  readonly onnxFile: string;
  /** What a record of a scene file holds. */
  readonly source: Size & { readonly bands: readonly SourceBand[] };
  /** What the model takes, in its order. */
  readonly bands: readonly ModelBand[];
  readonly resize: ResizeType | null;
  /** One for each of `bands`. */
  readonly scaling: readonly ValueScaling[];
  readonly tensor: TensorLayout;
  readonly output: {
    readonly name: string;
    readonly dataType: 'float32' | 'float64';
    /** Whether the model gives logits, of which a softmax has to make probabilities. */
    readonly softmax: boolean;
  };
  /** Their order in the package is the order of the model's output columns, whatever their values are. */
  readonly classes: readonly { readonly value: number; readonly name: string }[];
  /** Chips to classify at once: exactly `tensor.batch` if that is a number, else as suggested, within 1 to 256. */
  readonly batchSize: number;
  /** In source units: a chip none of whose values exceeds it is blank. With `null` no chip is. */
  readonly blankMax: number | null;
  /** The feature that holds a record's true class value. */
  readonly truth: string | null;
  /** How often each of `classes` is expected, as counts. */
  readonly reference: readonly number[];
};

export type SourceBand = {
  readonly name: string;
  readonly dataType: DataType;
  /** What the feature of a record must hold, no more and no less: height × width values. */
  readonly bytesPerChip: number;
  /** What the band shows, as STAC's EO extension calls it: `red`, `green`, `blue`, `nir`, `pan`…; null where nobody says. */
  readonly commonName: string | null;
};

/** One of the file's bands (its position there), or one derived from them. */
export type ModelBand = { readonly name: string } & ({ readonly source: number } | { readonly plan: Plan });

export type TensorLayout = Size & {
  readonly dataType: DataType;
  /** The batch comes first, the others in any order. */
  readonly dimensions: readonly Dimension[];
  /** The size of every batch; `null` when the model takes any. */
  readonly batch: number | null;
};
export type Dimension = 'batch' | 'bands' | 'height' | 'width';

/**
 * Reads a model package and checks that it can run, as far as that shows without the ONNX model: the official schemas
 * let much through that cannot.
 * @throws {InvalidModelPackage} that lists a file's problems: where, what was found, what is allowed
 */
export async function readModelPackage(readFile: ReadPackageFile): Promise<ModelPackage> {
  const item = readJson(readFile, 'item.json');
  const reference = readJson(readFile, 'reference.json'); // at the same time
  reference.catch(() => {}); // what is wrong with the item is told first
  const model = interpretItem(parseItem(await item));
  const classNames = model.classes.map(({ name }) => name);
  return { ...model, reference: parseReference(await reference, classNames) };
}

/**
 * Reads the ONNX model of a package.
 * @throws {InvalidModelPackage} where it is larger than `MAX_MODEL_BYTES`; where there is none, what `readFile` throws
 */
export function readOnnxFile(
  readFile: ReadPackageFile,
  { onnxFile }: Pick<ModelPackage, 'onnxFile'>,
): Promise<Uint8Array> {
  return readWithin(readFile, onnxFile, MAX_MODEL_BYTES);
}

async function readWithin(readFile: ReadPackageFile, name: string, limit: number): Promise<Uint8Array> {
  const tooLarge = (bytes: number, cause?: unknown) =>
    new InvalidModelPackage(`${name}: found ${bytes} bytes, allowed are at most ${limit}`, { cause });
  const bytes = await readFile(name, limit).catch((error: unknown) => {
    throw error instanceof ObjectTooLarge ? tooLarge(error.bytes, error) : error;
  });
  if (bytes.length > limit) throw tooLarge(bytes.length);
  return bytes;
}

async function readJson(readFile: ReadPackageFile, name: string): Promise<unknown> {
  const bytes = await readWithin(readFile, name, MAX_PACKAGE_TEXT_BYTES).catch((cause: unknown) => {
    if (!(cause instanceof ObjectNotFound)) throw cause;
    throw new InvalidModelPackage(`${name}: found no such file, each package has one`, { cause });
  });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidModelPackage(`${name}: found no JSON in UTF-8 (${cited(reason)})`, { cause });
  }
}
