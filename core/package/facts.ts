import type { DataType, InputType, Meaning } from '../arrays/dataTypes.ts';
import type { Plan } from '../arrays/expression.ts';
import type { PolygonTree } from '../arrays/findPolygon.ts';
import type { Resampling, ResizeType, Size } from '../arrays/resize.ts';
import type { HeldOut } from '../statistics/calibration/estimateAccuracy.ts';
import type { Clustering } from '../statistics/clustering.ts';
import type { BandMeans, BandProfile } from './bandProfile.ts';
import type { Carried } from './carry.ts';
import type { Effect } from './chance.ts';
import type { Dimension } from './dimension.ts';
import type { GateRules } from './gateRules.ts';
import type { ModelOutput } from './outputLayout.ts';
import type { BandScaling } from './scaling.ts';
import type { Seasons } from './seasons.ts';
import type { TextFacts, TextInputs } from './text/textFacts.ts';

/** Everything that the service needs to know of a model version besides its task. Plain data. */
export type PackageFacts<Reference = unknown> = {
  /** The slug of `mlm:name`; the name of its folder in the model bucket. */
  readonly name: string;
  readonly version: string;
  /** The model's file, its format (`mlm:artifact_type`, or else `onnx`), and the file of weights outside of it. */
  readonly artifact: { readonly file: string; readonly format: string; readonly data?: string };
  /** What runs the model on scenes: the function infer, or a job in a container with as much memory as it needs. */
  readonly runner: 'function' | 'batch';
  /** The processor of the model's calculations; the graph's other parts stay on the CPU. */
  readonly device: 'cpu' | 'cuda';
  /** Whether the device is the only one that the model is meant for. */
  readonly needsGpu: boolean;
  /** What a record of a scene file holds. */
  readonly source: Size & { readonly bands: readonly SourceBand[] };
  /** Whether a picture of any size is one chip, rather than cut into chips of `source`'s size. */
  readonly isOfPictures?: true;
  /** Pixels of the scene file that neighbouring chips of a raster share. */
  readonly overlap: number;
  readonly bands: readonly ModelBand[];
  readonly resize: ResizeType | null;
  /** One for each of `bands`. */
  readonly scaling: readonly BandScaling[];
  /** The layout of the first input; the others share its height, width and batch. */
  readonly tensor: TensorLayout;
  /** The inputs of the model's graph, in the item's order: one, or several that each take some of the bands. */
  readonly inputs: readonly ModelInput[];
  readonly output: ModelOutput;
  /** Of a model of texts. */
  readonly text?: TextFacts;
  /** In the order of the model's output columns, whatever their values are; empty if it has no classes. */
  readonly classes: readonly ModelClass[];
  /** Chips to classify at once: exactly `tensor.batch` if that is a number, else as suggested, within 1 to 256. */
  readonly batchSize: number;
  /** In source units: a chip none of whose values exceeds it is blank. With `null` no chip is. */
  readonly blankMax: number | null;
  /** A chip is also blank if more than this share of its pixels hold no data, if its format can tell. */
  readonly nodataLimit: number;
  /** Which pixels clouds hide, and how much of a chip they may; absent if the package does not say. */
  readonly mask?: Mask;
  /** The feature that holds a record's truth. */
  readonly truth: string | null;
  /** From which records inputs by reference take their values; absent if the package names none. */
  readonly features?: FeatureFacts;
  /** Features that are passed through to the predictions. */
  readonly carry?: readonly Carried[];
  /** What a version has to show before it is promoted over this one, or this one over another. */
  readonly gate?: GateRules;
  /** The model's accuracy on unseen data; absent if the package does not say. */
  readonly expectedAccuracy?: number;
  /** As how many independent chips it is certain, and of how many scenes that are alike within; absent if the package does not say. */
  readonly expectedOn?: { readonly chips: number; readonly scenes?: number | undefined };
  /** Whether a chip gets no class if its prediction set has several; only with a threshold. */
  readonly abstains?: true;
  /** What files are told apart by: for each name, patterns of a part of their keys. */
  readonly segments?: Readonly<Record<string, readonly string[]>>;
  /** What chips are told apart by, for each name. */
  readonly chipSegments?: Readonly<Record<string, ChipSegments>>;
  /** For each name that has a file of polygons: what is where. */
  readonly covers?: Readonly<Record<string, Cover>>;
  readonly reference: Reference;
  /** Whether the reference only stands in for one: nothing is known yet of what the model usually predicts. */
  readonly isProvisional?: true;
  readonly profile?: readonly BandProfile[];
  /** How the means of these bands vary together; absent if the package does not say. */
  readonly bandMeans?: BandMeans;
  readonly seasons?: Seasons;
  /** What is independent by chance: each chip, or only each scene, whose chips are alike. */
  readonly unit: 'chip' | 'scene';
  /** How alike the chips of the reference's scenes are; absent if the package does not say. */
  readonly clustering?: Clustering;
  /** How large a change is that matters. */
  readonly effect: Effect;
  /** How many predictions for held-out data were right; absent if the package does not say. */
  readonly heldOut?: HeldOut;
};

export type ItemFacts = Omit<
  PackageFacts,
  'text' | 'covers' | 'reference' | 'profile' | 'bandMeans' | 'seasons' | 'unit' | 'clustering' | 'effect' | 'heldOut'
> & { readonly text?: TextInputs };

/** `id` and `eventTime` are the names of these columns, where the source has columns. */
export type FeatureFacts = {
  readonly name: string;
  readonly id: string;
  readonly eventTime: string;
  /** An older record is an input's error. */
  readonly maxAgeHours?: number;
  /** The feature that holds the text, of each of the two records of a pair; by default they are named as the columns. */
  readonly pair?: string;
};

/** Values of a feature that is passed through, or of a property of the polygons in a file of the package. */
export type ChipSegments = { readonly values: readonly string[] } & (
  | { readonly column: string }
  | { readonly polygons: string; readonly property: string }
);

/** The polygons of the listed values, and the value of each. */
export type Cover = { readonly names: readonly string[]; readonly polygons: PolygonTree };

export type ModelClass = {
  readonly value: number;
  /** For columns and keys: letters, digits, "-" and "_". */
  readonly name: string;
  /** The item's title of the class, if it differs from the name, such as `Annual Crop`. */
  readonly title?: string;
  /** The colour that the package suggests: `ff0000`. */
  readonly colourHint?: string;
};

export type SourceBand = {
  readonly name: string;
  readonly dataType: DataType;
  /** The exact size of a record's feature: height × width values. */
  readonly bytesPerChip: number;
  /** The band's common name in STAC's EO extension: `red`, `green`, `blue`, `nir`, `pan`…; null if not stated. */
  readonly commonName: string | null;
  /** For physical values: a stored one stands for `value * scale + offset`, unless the raster states others. Else as stored. */
  readonly physical?: Meaning & { readonly stored: DataType };
  /** The stored value that is no data in a raster that states none itself, as GDAL writes it; absent if not stated. */
  readonly nodata?: string;
  /** How its values are computed on the pixels of another file of the scene; absent for the nearest. */
  readonly resampling?: Resampling;
  /** Whether it says which pixels clouds hide. It says nothing about where there is data. */
  readonly isMask?: true;
  /** Whether it holds tokens of a text, which say nothing as numbers. */
  readonly isTokens?: true;
};

export type Mask = {
  /** A source band, by its index; null if the cloud cover that a STAC Item states counts for all of its chips; -1 if it is a map. */
  readonly band: number | null;
  /** Another model, whose map of the scene is the mask, and the classes that hide a pixel: `values` are known once it is there. */
  readonly map?: { readonly model: string; readonly classes: readonly string[] };
  /** A pixel is hidden if its value is one of these, or has one of these bits. */
  readonly values: readonly number[];
  readonly bits: number;
  /** A chip of which a larger share is hidden counts in neither drift nor accuracy. */
  readonly share: number;
};

/** A band of the file, by its index, or one derived from them. */
export type ModelBand = { readonly name: string } & ({ readonly source: number } | { readonly plan: Plan });

export type ModelInput = {
  /** The graph's name of the input, if it has several. */
  readonly name: string;
  /** It takes `count` of the model's bands, from this index on. */
  readonly first: number;
  readonly count: number;
  readonly tensor: TensorLayout;
};

export type TensorLayout = Size & {
  readonly dataType: InputType;
  /** The batch comes first, the others in any order. Rows have only a batch and bands, and a height and width of 1. */
  readonly dimensions: readonly Dimension[];
  /** The size of every batch; `null` if the model takes any. */
  readonly batch: number | null;
  /** The sizes of the dates and the bands of each, in the graph's order, if it has a dimension for each: the bands here are those of all dates. */
  readonly split?: readonly number[];
};
