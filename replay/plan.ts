import { daysBefore } from '../core/base/time/days.ts';
import type { DarkBand } from './changedFrame.ts';

/** The fifteen days of the demonstration. What the chips are drawn from, and how a file is made of them, is in sceneFile.ts. */

/** Shares of the labels, in the order of the model's classes; they add up to 1. */
type Mix = readonly number[];

/** What a scene file's chips are drawn to, with replacement. */
export type Draw = { chips: number; mix: Mix; blankShare: number };

export type PlannedScene = {
  /** The last part of its key; no two of a day have the same. */
  name: string;
  /** When it arrives: minutes after midnight, UTC. */
  minute: number;
  draw: Draw;
  /** Which of the day's sequences of pseudo-random numbers it is drawn by: the same draw by the same one is the same file. */
  stream: number;
  /** A byte in its middle is another one than it was. */
  isDamaged: boolean;
  dark: DarkBand | null;
  isLabelled: boolean;
};

export type PlannedDay = {
  /** From 1 to 15. */
  number: number;
  /** In the order of their arrival. */
  scenes: readonly PlannedScene[];
};

/** The seed that `swath start` replays with: at home, everybody sees the same fifteen days. */
export const SEED = 1;

/** In the bundled shard it is two of 81. */
const BLANK_SHARE = 0.025;

const DAMAGED_FILE = { name: 'damaged', stream: 0, isDamaged: true };
/** Its chips are few enough that the blanks' alarm stays quiet, which begins at half of the window's. */
const BLANK_FILE = { name: 'blank', stream: 0, draw: { chips: 36, mix: [], blankShare: 1 } };

/** The labels of the last days are not known yet, as they are in life. */
const LABELLED_DAYS = 11;

/** The day on which an instrument goes dark in one band. */
export const DARK_DAY = 14;
/** Blue, which the model takes. Its predictions hardly change for it, so only the watch over the bands finds it. */
export const DARK_BAND: DarkBand = { band: 'B2', gain: 0.7 };

/** The day on which one of two satellites reads too low in one band, and the other one does not. */
export const BAD_SENSOR_DAY = 12;
const BAD_SENSOR = 'LC09';
/** Near infrared: a third of the window's chips, so the window hardly changes. */
const BAD_BAND: DarkBand = { band: 'B5', gain: 0.8 };

// Label shares near the reference's (0.60, 0.15, 0.15, 0.10) and far from them. The model takes some chips for others, so
// its predictions are 0.11 from the reference on the dry days, up to 0.18 as it gets greener, and 0.40 on the green days.
const mixes = {
  dry: [0.8, 0.1, 0.1, 0],
  drier: [0.86, 0.07, 0.07, 0],
  reference: [0.6, 0.15, 0.15, 0.1],
  greener: [0.5, 0.15, 0.18, 0.17],
  greenish: [0.45, 0.14, 0.2, 0.21],
  green: [0, 0, 0.2, 0.8],
} as const satisfies Record<string, Mix>;

/** By how much a scene's share of the first class is above or below its day's: the standard deviation is 0.11, as measured between squares of a Sentinel-2 tile. */
const LEANINGS = [-0.135, 0, 0.135];

/** Two satellites take turns; the second file of a day is the one of Landsat 9. */
const SENSORS = ['LC08', BAD_SENSOR, 'LC08'];

/** A day's three files, each as its time of arrival and its number of chips. */
type Arrivals = Record<`${number}:${number}`, number>;

/**
 * The plan. The drift alarm is about the newest runs that hold 300 predictions: with about 120 in a file, the last three.
 * So the first far file makes a third of that window and leaves it below the threshold, and the second one raises the alarm. By the second
 * file of day 6 the far ones are a third again, and the alarm is over. From day 8 to day 11 it gets greener, by less on each day than any window notices.
 */
export const fifteenDays: readonly PlannedDay[] = [
  day(1, mixes.dry, { '06:40': 126, '11:05': 123, '16:20': 129 }),
  withScene(day(2, mixes.drier, { '07:15': 120, '12:30': 132, '17:10': 123 }), '09:30', DAMAGED_FILE),
  withScene(day(3, mixes.dry, { '06:20': 123, '10:55': 126, '15:40': 123 }), '19:10', { name: 'LC08-scene-1-again' }),
  day(4, mixes.green, { '06:50': 126, '12:05': 129, '17:20': 123 }),
  day(5, mixes.green, { '07:30': 123, '11:15': 126, '16:40': 129 }),
  day(6, mixes.dry, { '07:00': 123, '11:30': 126, '16:30': 129 }),
  withScene(day(7, mixes.drier, { '07:45': 126, '13:20': 123, '17:55': 129 }), '10:10', BLANK_FILE),
  day(8, mixes.reference, { '06:35': 123, '11:50': 126, '16:15': 123 }),
  day(9, mixes.greener, { '07:05': 129, '11:45': 120, '16:50': 126 }),
  day(10, mixes.greenish, { '06:15': 129, '12:40': 123, '17:05': 126 }),
  day(11, mixes.greenish, { '06:55': 123, '12:15': 129, '17:30': 126 }),
  withBand(day(BAD_SENSOR_DAY, mixes.drier, { '07:10': 126, '12:25': 129, '17:15': 123 }), BAD_BAND, BAD_SENSOR),
  day(13, mixes.dry, { '06:30': 129, '11:40': 123, '16:55': 126 }),
  withBand(day(DARK_DAY, mixes.drier, { '06:45': 126, '12:20': 123, '17:40': 126 }), DARK_BAND),
  day(15, mixes.dry, { '07:20': 123, '11:55': 129, '16:25': 126 }),
];

/** Where a file goes: the same seed makes the same files under the same keys, so that a repetition doubles nothing. */
export const keyOf = (seed: number, { number }: PlannedDay, { name }: PlannedScene): string =>
  `replay-seed-${seed}/day-${String(number).padStart(2, '0')}/${name}.tfrecord`;

/** The UTC day on which the first of the fifteen days falls, so that the last one is yesterday. */
export const firstDayBefore = (now: Date): string => daysBefore(fifteenDays.length, now);

/** The UTC day that one of the fifteen falls on. */
export const dateOf = (firstDay: string, { number }: PlannedDay): string => daysBefore(1 - number, firstDay);

export const arrivalOf = (firstDay: string, day: PlannedDay, { minute }: PlannedScene): Date =>
  new Date(Date.parse(dateOf(firstDay, day)) + minute * 60_000);

function day(number: number, mix: Mix, arrivals: Arrivals): PlannedDay {
  const scenes = Object.entries(arrivals).map(([time, chips], i) => ({
    name: `${SENSORS[i]}-scene-${i + 1}`,
    minute: minuteOf(time),
    draw: { chips, mix: leaning(mix, LEANINGS[(number + i) % LEANINGS.length]!), blankShare: BLANK_SHARE },
    stream: i + 1,
    isDamaged: false,
    dark: null,
    isLabelled: number <= LABELLED_DAYS,
  }));
  return { number, scenes };
}

function withBand(day: PlannedDay, dark: DarkBand, sensor = ''): PlannedDay {
  return { ...day, scenes: day.scenes.map((scene) => (scene.name.startsWith(sensor) ? { ...scene, dark } : scene)) };
}

/** Moves the first class's share, as far as there is room, and the others' in proportion. */
function leaning(mix: Mix, by: number): Mix {
  const [first = 0, ...others] = mix;
  if (first === 0) return mix;
  const moved = Math.min(1, Math.max(0, first + by));
  return [moved, ...others.map((share) => (share * (1 - moved)) / (1 - first))];
}

/** One file more, which is the day's first one but for these changes. */
function withScene({ number, scenes }: PlannedDay, time: string, changes: Partial<PlannedScene>): PlannedDay {
  const scene = { ...scenes[0]!, minute: minuteOf(time), ...changes };
  return { number, scenes: [...scenes, scene].sort((one, other) => one.minute - other.minute) };
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return 60 * hours! + minutes!;
}
