import type * as z from 'zod';
import type { DrawnPanel } from '../charts/panel.ts';
import type { ModelRef } from '../core/base/messages.ts';
import type { modelsBody, predictionsBody } from '../core/doors/online/schemas.ts';
import type { Areas } from '../core/drift/areas.ts';
import type { Cause } from '../core/drift/cause.ts';
import type { GradualDrift } from '../core/drift/gradualDrift.ts';
import type { ShownSegment } from '../core/drift/segments.ts';
import type { Judgement, ShownShare } from '../core/drift/window.ts';
import type { Feed, FeedState } from '../core/feeds/feed.ts';
import type { Door } from '../core/ledger/doorOf.ts';
import type { DriftScores, LedgerRow } from '../core/ledger/ledgerRow.ts';
import type { State } from '../core/ledger/states.ts';
import type { ShownBand } from '../core/measures/bands/shownBands.ts';
import type { CountedViolation, ToldViolation } from '../core/measures/bands/toldViolations.ts';
import type { MapName } from '../core/package/layer.ts';
import type { ComparedRuns } from '../core/releases/comparison/compareRuns.ts';
import type { numbersOf } from '../core/releases/comparison/numbers.ts';
import type { ActivityOf } from '../core/releases/comparison/versionActivity.ts';
import type { HistoryRecord } from '../core/releases/promotionHistory.ts';
import type { PredictedChip } from '../core/results/predictions.ts';
import type { Calibration } from '../core/statistics/calibration/calibration.ts';
import type { AccuracyEstimate } from '../core/statistics/calibration/estimateAccuracy.ts';
import type { Accuracy, DifferenceSummary, Figure, Words } from '../core/tasks/shown.ts';
import type { Rightness } from '../core/tasks/shownRegistry.ts';
import type { Alarm, AlarmState, Email } from '../observability/alarms.ts';
import type { Panel } from '../observability/panel.ts';
import type { Markdown } from './markdown.ts';

/**
 * The API between the console's page and its server: JSON under /api/. Reads are GET; changes (such as a retry) and uploads of
 * images are POST with `content-type: application/json`. Times are ISO 8601 in UTC. Errors are answered with a `Problem`: 400
 * for an invalid query, 404 for what does not exist, 500 for internal errors.
 */

/** GET /api/status: the data at the top of every page. */
export type Status = {
  stage: string;
  now: string;
  /** The live version, and since when; null if none is promoted. */
  model: (ModelRef & { promotedAt: string | null }) | null;
  alarms: (AlarmState & Pick<Alarm, 'title' | 'meaning' | 'firstStep' | 'page'> & { runbook: string })[];
  running: RunSummary[];
  recent: WindowNumbers | null;
  /** The distance above which a window's verdict is `drift`. */
  threshold: number;
  /** The accuracy below which an alarm goes off; 0 if there is no such alarm. */
  accuracyLimit: number;
  outbox: boolean;
  predicts: boolean;
};

/** A window's numbers; `drift` is null if nothing was predicted. */
export type WindowNumbers = Pick<Judgement, 'chips' | 'blank' | 'n' | 'missingShare' | 'drift'> & {
  model: ModelRef;
  runs: number;
  /** Predictions compared with the reference, unless it is provisional: classes, or bins of values; and the word for them. */
  shares: ShownShare[];
  words: Words;
  figures: readonly Figure[];
  rightness: Rightness | null;
  /** The accuracy estimated without truth; absent if the package has no basis for it. */
  estimate?: AccuracyEstimate;
  /** Each source band, if the package has a profile; in a list of days, only the furthest. */
  bands?: ShownBand[];
  /** The data quality rules that runs break, by band; absent if there are none. */
  violations?: CountedViolation[];
  /** Of the recent window: what is behind its drift, if it drifts; and a sentence on each segment that drifts. */
  cause?: Cause | null;
  segments?: readonly string[];
};

export type Line = DrawnPanel['lines'][number];
/**
 * GET /api/panels?days=15, 1 to 90, or `from=2026-03-01&to=2026-03-05`, up to 366 UTC days inclusive, none to come: the
 * dashboard with its data; only charts have lines. A panel's `periodSeconds` gives a few hundred points.
 */
export type PanelGroup = { title: string; panels: AnsweredPanel[] };
/** `problem` says why a panel's lines could not be read; other panels are not affected. */
export type AnsweredPanel = { panel: Panel; lines: Line[]; problem: string | null };
export type Panels = Pick<DrawnPanel, 'from' | 'to' | 'versions'> & { groups: PanelGroup[] };

export type RunSummary = Pick<LedgerRow, 'run' | 'state' | 'changed' | 'claimedAt' | 'model' | 'attempt'> & {
  file: string;
  door: Door;
  size: number | null;
  chips: number | null;
  blank: number | null;
  acquired: string | null;
  drift: number | null;
  verdict: DriftScores['verdict'] | null;
  seconds: number | null;
  /** The error's name and message: "InvalidSceneFile: …". */
  error: string | null;
  /** While it is in progress: the number of predicted parts, and of all. */
  progress: { done: number; parts: number } | null;
};

/**
 * GET /api/runs?state=&search=&sort=&descending=&page=: a page of the ledger, by default the newest first. `search` looks
 * into file, run, model and error; `sort` is a key of `RunSummary`, not `progress`. A page behind the last is the last.
 */
export type Runs = Page & {
  runs: RunSummary[];
  /** How many match `search` in each state. */
  states: Record<State, number>;
  /** The states that have older ones, which are not counted. */
  cut: State[];
};
/** `total` is how many match; `isMore` if only the newest were searched. */
type Page = { page: number; pages: number; total: number; isMore: boolean };

/** GET /api/runs/<run>; 404 if the ledger does not have it. */
export type Run = {
  summary: RunSummary;
  row: LedgerRow;
  numbers: WindowNumbers | null;
  /** Null if no truth is known of its chips. */
  accuracy: Accuracy | null;
  violations: ToldViolation[];
  nextSteps: string | null;
  canRetry: boolean;
  shadows: { run: string; version: string; state: State }[];
  /** Its result files to download with GET; none if its scene is not a raster. */
  files: ResultFile[];
};
export type ResultFile = { title: string; name: string; href: string };

/**
 * GET /api/runs/<run>/scene: a raster and its predictions; 404 if the scene is no raster, or the run is not done. `picture` is a
 * small image of the scene: GET answers a PNG, or 404 with the reason. `isMore` if not all chips are included.
 */
export type Scene = {
  width: number;
  height: number;
  picture: string;
  /** The base address of chips' pictures: a chip's is below it, by its index, as `7.png`. */
  chipPictures: string;
  chips: SceneChip[];
  isMore: boolean;
  /** The classes, in the model's order; none if the model has no classes. `colour` is the package's own, such as `#1060b4`. */
  classes: { name: string; colour: string | null }[];
  maps: SceneMap[];
};
/** `window` is its position in pixels: left, top, width and height; `value` is the predicted number, if no class is predicted. One that `isMasked` counts in neither drift nor accuracy. */
export type SceneChip = Pick<Chip, 'index' | 'text' | 'probability' | 'truth' | 'isRight'> & {
  window: [x: number, y: number, width: number, height: number];
  value: number | null;
  isMasked: boolean;
};
/** Predictions by pixel: GET of `image` answers a PNG, transparent where there is no data. */
export type SceneMap = { name: MapName; title: string; image: string; legend: MapLegend };
export type MapLegend =
  | { kind: 'classes'; classes: { name: string; colour: string }[] }
  /** The bands shown as red, green and blue. */
  | { kind: 'bands'; bands: string[] }
  /** The colours of charts/ramp.ts, from `low` to `high`. */
  | { kind: 'ramp'; low: number; high: number; unit: 'share' | 'number' };

/** GET /api/map?days=30, or from and to, &version=name/version: the runs of georeferenced rasters, the newest first. */
export type WorldMap = {
  runs: MapRun[];
  /** Rasters of those days and that version without a georeference. */
  placeless: number;
  versions: string[];
  /** Classes that are the most common one of at least one run, in the model's order. */
  classes: Scene['classes'];
  isMore: boolean;
};
export type MapRun = Pick<RunSummary, 'run' | 'file' | 'state' | 'acquired' | 'drift' | 'verdict' | 'model'> & {
  day: string;
  /** The most common class; null without classes. */
  most: string | null;
  /** Rings of longitudes and latitudes; several if it crosses the antimeridian. */
  rings: (readonly (readonly [longitude: number, latitude: number])[])[];
  /** West, south, east and north; west is greater than east if it crosses the antimeridian. */
  bbox: readonly [west: number, south: number, east: number, north: number];
};

/** GET /api/feeds: each feed, those that fail first. `schedule` is a sentence, `add` the command that adds one. */
export type Feeds = { schedule: string; add: string; feeds: ShownFeed[] };
/** `problem` says why its file cannot be read, or its last look has failed; `next` is when the next look is, if that is known. */
export type ShownFeed = {
  name: string;
  feed: (Omit<Feed, 'area'> & { area: Pick<MapRun, 'bbox' | 'rings'> | null }) | null;
  state: FeedState | null;
  problem: string | null;
  next: string | null;
  runs: RunSummary[];
};
/** Also of POST /api/runs/<run>/retry: 409 if it cannot be retried. `refusals` are a gate's objections, a sentence each. */
export type Problem = { message: string; refusals?: readonly string[] };

/**
 * GET /api/chips?run=&order=certain|uncertain&class=&truth=right|wrong&day=&version=&page=: chips of one run, or of the
 * newest done ones, the least certain or the highest values first. `isMore` if not all chips were read.
 */
export type Chips = Page & {
  chips: Chip[];
  /** Classes to choose from; none if the model has no classes. */
  classes: string[];
  /** Days, the newest first, and model versions to choose from; none for a single run. */
  days: string[];
  versions: string[];
  hasTruth: boolean;
  order: Words['order'];
};
export type Chip = Pick<PredictedChip, 'id' | 'run' | 'index' | 'member' | 'text' | 'probability'> & {
  file: string;
  /** Its top left corner in a raster, in pixels; and its centre on earth: longitude and latitude. */
  pixel: [x: number, y: number] | null;
  middle: [longitude: number, latitude: number] | null;
  /** The classes that it may be; null without a threshold. */
  set: string | null;
  truth: string | null;
  /** Whether the prediction is right; null if it cannot be right or wrong. */
  isRight: boolean | null;
  /** The number of further chips with an identical prediction: usually the same picture. */
  alike: number;
  /** The address of its thumbnail: GET answers a PNG, or an SVG of a text or a row of numbers, or 404 if the file is gone. Null if no image was ever kept. */
  image: string | null;
};

/** GET /api/drift?days=30, or from and to as above: the recent window and each judged day, in order, against the reference. */
export type Drift = {
  threshold: number;
  recent: WindowNumbers | null;
  /** The average of many days of the live version, up to yesterday (UTC), against `gradualThreshold`; null without judged days. */
  gradual: GradualDrift | null;
  gradualThreshold: number;
  /** `report` is the address of the day's report, if there is one: GET answers a self-contained page. */
  days: (WindowNumbers & { day: string; revision: number; report: string | null; accuracy: DayAccuracy | null })[];
  /** All days of the newest version with known truth together; null if there are none. */
  accuracy: { model: WindowNumbers['model']; days: number; of: Accuracy } | null;
  /** For the latest judged version with known truth, over its judged days; null if there is none. */
  calibration: (Calibration & { version: string }) | null;
  /** The live version's runs of today and yesterday (UTC) by segment, the newest day first; none if all are files without segments. */
  segments: (ShownSegment & { day: string })[];
};
export type DayAccuracy = Pick<Accuracy, 'n' | 'figure' | 'interval' | 'expected' | 'figures'>;

/** GET /api/areas?days=30 or ?from=&to=: the land of each class in judged days, as `swath area` has it; null if known of none. */
export type LandAreas = { areas: (Areas & { model: string; from: string; to: string; days: number }) | null };

/** GET /api/models?name=: a model's versions, their runs and cards; `problem` says why one cannot run. Default: the stage's model. */
export type ModelVersions = {
  name: string;
  names: string[];
  /** Which keys it takes, and since when; null if it is not live. */
  served: { accepts: string[]; since: string | null } | null;
  /** Since when its version is live, if known; and the version that a rollback would promote. */
  promotedAt: string | null;
  before: string | null;
  versions: ModelVersion[];
  /** The latest first. */
  history: HistoryRecord[];
  /** Whether only the newest runs of the versions were counted. */
  isMore: boolean;
};
export type ModelVersion = Omit<ReturnType<ActivityOf>, 'sum'> & {
  version: string;
  isLive: boolean;
  /** The share of files that it classifies as a shadow; null if it is none. */
  shadowShare: number | null;
  title: string;
  card: Markdown | null;
  /** Null if it cannot run. */
  task: string | null;
  classes: string[];
  bands: string[];
  problem: string | null;
  /** When it was published, and its model's size; null if unknown. */
  publishedAt: string | null;
  bytes: number | null;
  rightness: Rightness | null;
  figures: readonly Figure[];
};
/**
 * POST /api/models/<name>/<version>/promote with `{reason?, anyway?}`: `anyway` is why it is promoted against a gate's `refusals`.
 * POST /api/models/<name>/rollback with `{reason?, seen?: {from, to}}`, which goes between these only. 409 with `Problem`.
 */
export type Promoted = { version: string; before: string | null };

/**
 * GET /api/diff?first=&second=&days=30: compares the predictions of two versions (name/version) for the same files in that time;
 * 404 if a version does not exist, 409 with the reason if they cannot be compared.
 */
export type VersionDiff = Pick<ComparedRuns, 'files' | 'chips'> &
  Required<Pick<DifferenceSummary, 'counted' | 'names' | 'changes'>> & {
    first: string;
    second: string;
    /** Each number with its name; none if there is nothing to compare. */
    numbers: ReturnType<typeof numbersOf>;
    /** How often the first predicts the row's name and the second the column's; null for multi-label models, or with too many names. */
    confusion: { names: string[]; counts: number[][] } | null;
    changed: ChangedChip[];
    /** The gate's objections to replacing the first with the second; null if the first is not the model's live version. */
    refusals: string[] | null;
  };
export type ChangedChip = Pick<Chip, 'run' | 'file' | 'index' | 'truth' | 'image'> & { first: Said; second: Said };
type Said = { text: string; probability: number | null; isRight: boolean | null };

/** GET /api/runbook: a section for each alarm. */
export type Runbook = { sections: (Pick<Alarm, 'id' | 'title' | 'meaning' | 'firstStep'> & { text: Markdown })[] };

/** GET /api/outbox, the newest first; 404 if e-mails are really sent (`Status.outbox` is false). */
export type Outbox = { emails: Email[] };

/** GET /api/signs: a text for each kind of data that changes with them, so that a page reads them again; none where it cannot be read. */
export type Signs = { [Of in Kind]?: string };
export type Kind = 'runs' | 'metrics' | 'alarms';

/** The live models and their inputs: docs/http.md. */
export type ModelsAnswer = z.infer<typeof modelsBody>;
export type PredictionsAnswer = z.infer<typeof predictionsBody>;
