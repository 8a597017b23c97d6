import type { HeldOut } from '../calibration/estimateAccuracy.ts';
import type { BandProfile } from './bandProfile.ts';
import type { Carried } from './carry.ts';
import type { DataType, InputType } from './dataTypes.ts';
import type { Plan } from './expression.ts';
import type { GateRules } from './gateRules.ts';
import type { ModelOutput } from './outputLayout.ts';
import type { ResizeType, Size } from './resize.ts';
import type { BandScaling } from './scaling.ts';

/** All that the service needs to know of a model version. Plain data: it may be sent to a worker or kept as JSON. */
export type ModelPackage<Reference = unknown> = {
  /** The slug of `mlm:name`; the folder's name in the model bucket. */
  readonly name: string;
  readonly version: string;
  readonly onnxFile: string;
  /** What a record of a scene file holds. */
  readonly source: Size & { readonly bands: readonly SourceBand[] };
  /** Pixels that neighbouring chips of a raster share, in the scene file's own. */
  readonly overlap: number;
  /** What the model takes, in its order. */
  readonly bands: readonly ModelBand[];
  readonly resize: ResizeType | null;
  /** One for each of `bands`. */
  readonly scaling: readonly BandScaling[];
  /** The layout of the first input, of which the others have the height, the width and the batch. */
  readonly tensor: TensorLayout;
  /** What the model's graph takes, in the item's order: one input, or several, each with its own of the bands. */
  readonly inputs: readonly ModelInput[];
  readonly output: ModelOutput;
  /** What its numbers mean: the name of a task (core/tasks). */
  readonly task: string;
  /** Their order in the package is the order of the model's output columns, whatever their values are; none where it has none. */
  readonly classes: readonly ModelClass[];
  /** Chips to classify at once: exactly `tensor.batch` if that is a number, else as suggested, within 1 to 256. */
  readonly batchSize: number;
  /** In source units: a chip none of whose values exceeds it is blank. With `null` no chip is. */
  readonly blankMax: number | null;
  /** A chip is blank as well where more than this share of its pixels hold no data, as far as its format can tell. */
  readonly nodataLimit: number;
  /** The feature that holds what is true of a record. */
  readonly truth: string | null;
  /** Features that are passed through to the predictions. */
  readonly carry?: readonly Carried[];
  /** What a version has to show before it is promoted in the place of this one, or this one in the place of another. */
  readonly gate?: GateRules;
  /** The share of right predictions that the model had on data that it has not seen; absent where the package does not say. */
  readonly expectedAccuracy?: number;
  /** What drift is measured against, as the task has read it. */
  readonly reference: Reference;
  /** What the values of source bands are like where the model works as it was meant to; absent where the package does not say. */
  readonly profile?: readonly BandProfile[];
  /** How many predictions for held-out data were right; absent where the package does not say. */
  readonly heldOut?: HeldOut;
};

/** A package as far as its item says. */
export type PackageContent = Omit<ModelPackage, 'reference' | 'profile' | 'heldOut'>;

export type ModelClass = {
  readonly value: number;
  /** For columns and keys: letters, digits, "-" and "_". */
  readonly name: string;
  /** The same for people, as the item has it, where that is not the name, such as `Annual Crop`. */
  readonly title?: string;
  /** How the package would have it shown: `ff0000`. */
  readonly colourHint?: string;
};

export type SourceBand = {
  readonly name: string;
  readonly dataType: DataType;
  /** What the feature of a record must hold, no more and no less: height × width values. */
  readonly bytesPerChip: number;
  /** What the band shows, as STAC's EO extension calls it: `red`, `green`, `blue`, `nir`, `pan`…; null where nobody says. */
  readonly commonName: string | null;
  /**
   * Where the package asks for physical values, what those of a raster stand for: `value * scale + offset`, unless the raster
   * says it itself. Without it, values are taken as they are stored.
   */
  readonly physical?: { readonly scale: number; readonly offset: number };
};

/** One of the file's bands (its position there), or one derived from them. */
export type ModelBand = { readonly name: string } & ({ readonly source: number } | { readonly plan: Plan });

export type ModelInput = {
  /** As the graph calls it, where it has several. */
  readonly name: string;
  /** Its bands are so many of the model's, from this one on. */
  readonly first: number;
  readonly count: number;
  readonly tensor: TensorLayout;
};

export type TensorLayout = Size & {
  readonly dataType: InputType;
  /** The batch comes first, the others in any order. Rows of numbers have a batch and bands alone, and a height and width of 1. */
  readonly dimensions: readonly Dimension[];
  /** The size of every batch; `null` when the model takes any. */
  readonly batch: number | null;
};
export type Dimension = 'batch' | 'bands' | 'height' | 'width';
