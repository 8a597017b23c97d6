import type * as z from 'zod';
import type { DrawnPanel } from '../charts/panel.ts';
import type { Calibration } from '../core/calibration/calibration.ts';
import type { AccuracyEstimate } from '../core/calibration/estimateAccuracy.ts';
import type { Door } from '../core/doorOf.ts';
import type { NamedShare } from '../core/drift/window.ts';
import type { DriftScores, LedgerRow, State } from '../core/ledger/ledgerRow.ts';
import type { ShownBand } from '../core/measures/bands/shownBands.ts';
import type { CountedViolation, ToldViolation } from '../core/measures/bands/toldViolations.ts';
import type { HistoryRecord } from '../core/models/promotionHistory.ts';
import type { modelsBody, predictionsBody } from '../core/online/schemas.ts';
import type { Accuracy, Figure, Rightness, Words } from '../core/tasks/shown.ts';
import type { MapName } from '../core/tasks/task.ts';
import type { AlarmState, Email } from '../observability/alarmState.ts';
import type { AlarmPage } from '../observability/alarms.ts';
import type { Panel } from '../observability/panel.ts';
import type { Block } from './markdown.ts';

/**
 * What the console's page and its server say to each other: JSON under /api/. Reading is GET; what changes
 * anything (a retry) or brings images is POST with `content-type: application/json`. Times are ISO 8601 in UTC. Whatever goes wrong is
 * answered with a `Problem`: 400 for a query that is not understood, 404 for what is not there, 500 for trouble.
 */

/** GET /api/status: what every page shows on top. */
export type Status = {
  stage: string;
  now: string;
  /** The live version, and since when; null when none is promoted. */
  model: { name: string; version: string; promotedAt: string | null } | null;
  alarms: (AlarmState & {
    title: string;
    meaning: string;
    firstStep: string;
    runbook: string;
    /** The page of the console that shows what it is about. */
    page: AlarmPage | null;
  })[];
  /** Runs that are on their way, the newest first. */
  running: RunSummary[];
  /** The newest judged window of recent runs. */
  recent: WindowNumbers | null;
  /** The distance above which a window's verdict is `drift`. */
  threshold: number;
  /** The share of right predictions below which an alarm tells; 0 where none does. */
  accuracyLimit: number;
  outbox: boolean;
  /** Whether the models can be asked here. */
  predicts: boolean;
};

/** A window's numbers; `drift` is null where nothing was predicted. */
export type WindowNumbers = {
  model: { name: string; version: string };
  runs: number;
  chips: number;
  blank: number;
  n: number;
  /** What was predicted beside what was expected: classes, or bins of values; and what they are called. */
  shares: NamedShare[];
  words: Words;
  missingShare: number | null;
  /** What the model's task tells beside them. */
  figures: readonly Figure[];
  /** How right the predictions are; null where no file says what is true. */
  rightness: Rightness | null;
  /** The same estimated without truth; absent where the package has nothing to estimate by. */
  estimate?: AccuracyEstimate;
  drift: DriftScores | null;
  /** Each source band, of a package that has a profile of them; of each of many days, the furthest alone. */
  bands?: ShownBand[];
  /** Which rules of data quality runs break, by band; absent where none does. */
  violations?: CountedViolation[];
};

/** A line of a chart panel. */
export type Line = DrawnPanel['lines'][number];
/**
 * GET /api/panels?days=15: the dashboard with its data; panels of other kinds than charts have no lines. `days` is from 1
 * to 90; in its place, `from=2026-03-01&to=2026-03-05` are UTC days, both included, 366 at most, the last one no later than
 * today. A panel's `periodSeconds` is the one its points have, long enough for a few hundred of them.
 */
export type PanelGroup = { title: string; panels: AnsweredPanel[] };
/** `problem` says why there are no lines where they could not be had; the other panels have theirs. */
export type AnsweredPanel = { panel: Panel; lines: Line[]; problem: string | null };
export type Panels = Pick<DrawnPanel, 'from' | 'to' | 'versions'> & { groups: PanelGroup[] };

/** A run as a line of a table. */
export type RunSummary = Pick<LedgerRow, 'run' | 'state' | 'changed' | 'claimedAt' | 'model' | 'attempt'> & {
  file: string;
  door: Door;
  size: number | null;
  chips: number | null;
  blank: number | null;
  drift: number | null;
  verdict: DriftScores['verdict'] | null;
  seconds: number | null;
  /** The error's name and message: "InvalidSceneFile: …". */
  error: string | null;
  /** While it is on its way: the parts that are predicted already, of how many. */
  progress: { done: number; parts: number } | null;
};

/**
 * GET /api/runs?state=&search=&sort=&descending=&page=: a page of the ledger. `search` looks into file, run, model and
 * error; `sort` is a key of `RunSummary`, not `progress`; `descending` is true or false. Without `sort`, the newest come first. Pages
 * count from 1; one behind the last is answered with the last.
 */
export type Runs = Page & {
  runs: RunSummary[];
  /** How many match `search` in each state. */
  states: Record<State, number>;
};
/** `total` is how many match; `isMore` when only the newest were looked at. */
type Page = { page: number; pages: number; total: number; isMore: boolean };

/** GET /api/runs/<run>; 404 when the ledger does not know it. */
export type Run = {
  summary: RunSummary;
  row: LedgerRow;
  numbers: WindowNumbers | null;
  /** Which rules of data quality its source bands break. */
  violations: ToldViolation[];
  /** What to do about its error, in a sentence; null when there is nothing to do. */
  nextSteps: string | null;
  canRetry: boolean;
  /** What shadows of its model have made of its file. */
  shadows: { run: string; version: string; state: State }[];
  /** What it gave, to download: GET answers the file. None where its scene is no raster. */
  files: ResultFile[];
};
export type ResultFile = { title: string; name: string; href: string };

/**
 * GET /api/runs/<run>/scene: a raster and what was predicted on it; 404 where the run is of none, or not done. `picture` is
 * the scene itself, small: GET answers a PNG image, 404 with why there is none. `isMore` when not all chips are here.
 */
export type Scene = {
  width: number;
  height: number;
  picture: string;
  /** Where a chip's picture is: below it, by the chip's index, as `7.png`. */
  chipPictures: string;
  chips: SceneChip[];
  isMore: boolean;
  /** What chips may be, in the model's order; none where no classes are predicted. `colour` is the package's own, as `#1060b4`. */
  classes: { name: string; colour: string | null }[];
  maps: SceneMap[];
};
/** `window` is its place in pixels: left, top, width and height; `value` a number that is predicted, where no class is. */
export type SceneChip = Pick<Chip, 'index' | 'text' | 'probability' | 'truth' | 'isRight'> & {
  window: [x: number, y: number, width: number, height: number];
  value: number | null;
};
/** What was predicted pixel by pixel: GET of `image` answers a PNG image, transparent where there is no data. */
export type SceneMap = { name: MapName; title: string; image: string; legend: MapLegend };
export type MapLegend =
  | { kind: 'classes'; classes: { name: string; colour: string }[] }
  /** What red, green and blue are. */
  | { kind: 'bands'; bands: string[] }
  /** The colours of charts/ramp.ts, from `low` to `high`. */
  | { kind: 'ramp'; low: number; high: number; unit: 'share' | 'number' };

/**
 * GET /api/map?days=30, or from and to as above, &version=: the runs of rasters that have a place on earth, of those days
 * and that model version (name/version), the newest first.
 */
export type WorldMap = {
  runs: MapRun[];
  /** Rasters of those days and that version without a place on earth. */
  placeless: number;
  /** Model versions to choose from. */
  versions: string[];
  /** Classes that are the most common one of some run, in the model's order. */
  classes: { name: string; colour: string | null }[];
  isMore: boolean;
};
export type MapRun = Pick<RunSummary, 'run' | 'file' | 'state' | 'verdict' | 'model'> & {
  day: string;
  /** The most common class; null where none is predicted. */
  most: string | null;
  /** Rings of longitudes and latitudes; several where it crosses the antimeridian. */
  rings: (readonly (readonly [longitude: number, latitude: number])[])[];
  /** West, south, east and north; west is more than east where it crosses the antimeridian. */
  bbox: readonly [west: number, south: number, east: number, north: number];
};
/** POST /api/runs/<run>/retry: 200 with `Retried`; 409 with `Problem` when it is not to be tried again. */
export type Retried = { execution: string };
/** `refusals` are what a gate has against it, a sentence for each rule. */
export type Problem = { message: string; refusals?: readonly string[] };

/**
 * GET /api/chips?run=&order=certain|uncertain&class=&truth=right|wrong&day=&version=&page=: chips of one run, or of the
 * newest done runs without `run`, of a day and a model version (name/version) where these are named;
 * the least certain first, or those with the highest values, without `order`. `isMore` when not all chips were looked at.
 */
export type Chips = Page & {
  chips: Chip[];
  /** Classes to choose from; none where none is predicted. */
  classes: string[];
  /** Days, the newest first, and model versions to choose from; none of one run. */
  days: string[];
  versions: string[];
  /** Whether any chip was found to be right or wrong. */
  hasTruth: boolean;
  /** What the orders are called. */
  order: Words['order'];
};
export type Chip = {
  id: string;
  run: string;
  file: string;
  index: number;
  /** Its name in the archive that the file is; null where it is none. */
  member: string | null;
  /** Its top left in a raster, in pixels; and its middle on earth: longitude and latitude. */
  pixel: [x: number, y: number] | null;
  middle: [longitude: number, latitude: number] | null;
  /** What was predicted: a class's name, or a number. */
  text: string | null;
  probability: number | null;
  truth: string | null;
  /** Whether that is what was predicted; null where it is not a matter of right or wrong. */
  isRight: boolean | null;
  /** So many chips more were predicted the very same, to the last digit: the same picture, as a rule. */
  alike: number;
  /** The address of its thumbnail: GET answers a PNG image, GET 404s when the file is gone. Null where no image was ever kept. */
  image: string | null;
};

/** GET /api/drift?days=30, or from and to as above: reference against the recent window, and each judged day, in their order. */
export type Drift = {
  threshold: number;
  recent: WindowNumbers | null;
  /** `report` is the address of the day's report, where one was written: GET answers a page of its own. */
  days: (WindowNumbers & {
    day: string;
    revision: number;
    cutOff: string | null;
    report: string | null;
    /** How right its predictions were; null where nobody says what is true. */
    accuracy: DayAccuracy | null;
  })[];
  /** The days of the newest version of which it is known what is true, all together; null where it is of none. */
  accuracy: { model: WindowNumbers['model']; days: number; of: Accuracy } | null;
  /** Of the version judged last of whose chips it is known what is true, over its judged days; null where there is none. */
  calibration: (Calibration & { version: string }) | null;
  /** The live version's runs of today and yesterday (UTC) by the doors that they came in by, the newest day first. */
  doors: DoorNumbers[];
};
export type DayAccuracy = Pick<Accuracy, 'n' | 'figure' | 'interval' | 'expected' | 'figures'>;
export type DoorNumbers = Pick<WindowNumbers, 'runs' | 'chips' | 'n' | 'shares' | 'drift'> & {
  day: string;
  door: Door;
};

/**
 * GET /api/models?name=: a model's versions, which one is live, what each one did and its card; `problem` says why one cannot run. Without a
 * name, the stage's own model.
 */
export type ModelVersions = {
  name: string;
  /** Models to choose from. */
  names: string[];
  /** Which keys it takes, and since when; null where it is not served. */
  served: { accepts: string[]; since: string | null } | null;
  /** Since when its live version is, where that is known; and the one that a rollback would promote. */
  promotedAt: string | null;
  before: string | null;
  versions: ModelVersion[];
  /** The latest first. */
  history: HistoryRecord[];
  /** Whether what versions did is told by the newest runs alone. */
  isMore: boolean;
};
export type ModelVersion = {
  version: string;
  isLive: boolean;
  /** The share of the files that it classifies beside the live version; null where it is no shadow. */
  shadowShare: number | null;
  title: string;
  card: Block[] | null;
  /** Null where it cannot run. */
  task: string | null;
  classes: string[];
  bands: string[];
  problem: string | null;
  /** Since when it is there, and how large its model is; null where nobody says. */
  publishedAt: string | null;
  bytes: number | null;
  /** What it did: runs that are done, their chips that were not blank, and the last of them. */
  runs: number;
  chips: number;
  lastRun: string | null;
  /** How right it was, and its own numbers beside. */
  rightness: Rightness | null;
  figures: readonly Figure[];
};
/**
 * POST /api/models/<name>/<version>/promote with `{reason?, anyway?}`, POST /api/models/<name>/rollback with `{reason?}`: 200 with `Promoted`; 409
 * with `Problem`, whose `refusals` are what the gate says: `anyway` says why it is promoted all the same.
 */
export type Promoted = { version: string; before: string | null };

/**
 * GET /api/diff?first=&second=&days=30: how the predictions of two versions (name/version) differ, by the runs of the same files that both have
 * from those days on; 404 where there is no such version, 409 with why they cannot be compared.
 */
export type VersionDiff = {
  first: string;
  second: string;
  files: { both: number; firstOnly: number; secondOnly: number };
  chips: number;
  /** Each number with its name; none where there is nothing to compare. */
  numbers: { name: string; value: string; note?: string }[];
  /** What is counted by name, and how much of it there is. */
  counted: { of: 'chip' | 'pixel'; n: number };
  names: { name: string; first: number; second: number; iou?: number | null }[];
  /** How often the first says the row's name while the second says the column's; null where chips have several, or there are too many names. */
  confusion: { names: string[]; counts: number[][] } | null;
  changes: { first: string; second: string; count: number }[];
  /** The chips that differ most. */
  changed: ChangedChip[];
  /** What the gate says against the second in the place of the first; null where the first is not the live version of that model. */
  refusals: string[] | null;
};
export type ChangedChip = {
  run: string;
  file: string;
  index: number;
  truth: string | null;
  first: { text: string; probability: number | null; isRight: boolean | null };
  second: { text: string; probability: number | null; isRight: boolean | null };
  /** The address of its thumbnail; null where no image was ever kept. */
  image: string | null;
};

/** GET /api/runbook: a section for each alarm. */
export type Runbook = {
  sections: { id: string; title: string; meaning: string; firstStep: string; text: Block[] }[];
};

/** GET /api/outbox, the newest first; 404 where e-mails are really sent (`Status.outbox` is false). */
export type Outbox = { emails: Email[] };

/**
 * GET /api/events: server-sent events. `changed` says that something is new, and what kind of thing, so that a page asks
 * again for what it shows. The first one comes with the connection and names every kind: what a page asked for before it
 * listened, or before a connection that broke, may be old.
 */
export type Changed = { what: ('runs' | 'metrics' | 'alarms')[] };

/** The live models, as they can be asked: docs/http.md. */
export type ModelsAnswer = z.infer<typeof modelsBody>;
export type PredictionsAnswer = z.infer<typeof predictionsBody>;
