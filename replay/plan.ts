import { daysBefore } from '../core/base/time/days.ts';
import type { DarkBand } from './darkened.ts';

/**
 * The fifteen days of the demonstration: which scene files arrive when, and what is drawn for each. What the chips are
 * drawn from, and how a file is made of them, is in sceneFile.ts.
 */

/** Shares of the labels, in the order of the model's classes; they add up to 1. */
type Mix = readonly number[];

/** What a scene file's chips are drawn to, with replacement. */
export type Draw = {
  chips: number;
  mix: Mix;
  /** How many of the chips have nothing on them. */
  blankShare: number;
};

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
  /** The band that has gone dark in it; null where none has. */
  dark: DarkBand | null;
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

/**
 * Few enough that the blanks' alarm stays quiet: with the usual ones, they are a ninth of the window's 410 chips, and the
 * alarm begins at a half.
 */
const BLANK_FILE_CHIPS = 36;

/** The day on which an instrument goes dark in one band. */
export const DARK_DAY = 14;
/**
 * Blue, which the model takes. What it predicts comes nearer to the reference for it (0.09 in place of 0.12 are to be expected), so
 * only the watch over the bands can tell.
 */
export const DARK_BAND: DarkBand = { band: 'B2', gain: 0.7 };

// Label shares near the reference's (0.60, 0.15, 0.15, 0.10) and far from them. The model takes some chips for others, so
// that what it predicts for the reference's own mix is 0.14 away from it, for the mixes of the quiet days 0.11 to 0.15, and
// for the mixes of the other days 0.34 to 0.40.
const mixes = {
  reference: [0.6, 0.15, 0.15, 0.1],
  drier: [0.7, 0.14, 0.12, 0.04],
  dry: [0.8, 0.1, 0.1, 0],
  greener: [0.55, 0.16, 0.18, 0.11],
  mixed: [0.62, 0.2, 0.1, 0.08],
  green: [0.1, 0.05, 0.15, 0.7],
  greenest: [0, 0, 0.2, 0.8],
} as const satisfies Record<string, Mix>;

/** A day's files, each as its time of arrival and its number of chips. */
type Arrivals = Record<`${number}:${number}`, number>;

/**
 * The plan. The drift alarm is about the newest runs that hold 300 predictions: with about 120 in a file, the last three.
 * So the first far file makes a third of that window and leaves it below the threshold (0.19 of 0.25 to be expected), and
 * the second one makes two thirds (0.29): it is the one that the alarm tells of. By the second file of day 13 the far ones
 * are a third again, and the alarm is over.
 *
 * Of the days that are far, the chips are few and unlike the others in the thermal bands as well, so the alarm of bands tells of
 * them too, from the last file of day 10 to the first of day 13; and of day 14, when one band goes dark, to the end of day 15.
 */
export const fifteenDays: readonly PlannedDay[] = [
  day(1, mixes.reference, { '06:40': 126, '11:05': 123, '16:20': 129 }),
  day(2, mixes.drier, { '07:15': 120, '12:30': 132, '17:10': 123 }),
  day(3, mixes.mixed, { '05:50': 90, '09:25': 96, '13:40': 93, '18:05': 87 }),
  day(4, mixes.dry, { '08:10': 180, '15:35': 186 }),
  withDamaged(day(5, mixes.reference, { '06:55': 123, '12:15': 129, '17:30': 126 }), '09:30'),
  day(6, mixes.greener, { '07:05': 129, '11:45': 120, '16:50': 126 }),
  withDuplicate(day(7, mixes.drier, { '06:20': 123, '10:55': 126, '15:40': 123 }), '19:10'),
  withBlanks(day(8, mixes.mixed, { '07:45': 126, '13:20': 123, '17:55': 129 }), '10:10'),
  day(9, mixes.reference, { '06:35': 123, '11:50': 126, '16:15': 123 }),
  day(10, mixes.greenest, { '06:50': 126, '12:05': 129, '17:20': 123 }),
  day(11, mixes.greenest, { '07:30': 123, '11:15': 126, '16:40': 129 }),
  day(12, mixes.green, { '06:15': 129, '12:40': 123, '17:05': 126 }),
  day(13, mixes.reference, { '07:00': 123, '11:30': 126, '16:30': 129 }),
  withDarkBand(day(DARK_DAY, mixes.drier, { '06:45': 126, '12:20': 123, '17:40': 126 }), DARK_BAND),
  day(15, mixes.reference, { '07:20': 123, '11:55': 129, '16:25': 126 }),
];

/** Where a file goes: the same seed makes the same files under the same keys, so that a repetition doubles nothing. */
export function keyOf(seed: number, { number }: PlannedDay, { name }: PlannedScene): string {
  return `replay-seed-${seed}/day-${String(number).padStart(2, '0')}/${name}.tfrecord`;
}

/** The UTC day on which the first of the fifteen days falls, so that the last one is yesterday. */
export const firstDayBefore = (now: Date): string => daysBefore(fifteenDays.length, now);

/** The UTC day that one of the fifteen falls on. */
export const dateOf = (firstDay: string, { number }: PlannedDay): string => daysBefore(1 - number, firstDay);

/** The moment at which a file arrives. */
export function arrivalOf(firstDay: string, day: PlannedDay, { minute }: PlannedScene): Date {
  return new Date(Date.parse(dateOf(firstDay, day)) + minute * 60_000);
}

function day(number: number, mix: Mix, arrivals: Arrivals): PlannedDay {
  const scenes = Object.entries(arrivals).map(([time, chips], i) => ({
    name: `scene-${i + 1}`,
    minute: minuteOf(time),
    draw: { chips, mix, blankShare: BLANK_SHARE },
    stream: i + 1,
    isDamaged: false,
    dark: null,
  }));
  return { number, scenes };
}

/** One file more, which has come to harm on its way. */
function withDamaged(day: PlannedDay, time: string): PlannedDay {
  return withScene(day, { ...day.scenes[0]!, name: 'damaged', minute: minuteOf(time), stream: 0, isDamaged: true });
}

/** A day on which an instrument goes dark in one band. */
function withDarkBand(day: PlannedDay, dark: DarkBand): PlannedDay {
  return { ...day, scenes: day.scenes.map((scene) => ({ ...scene, dark })) };
}

/** The day's first file once more, under another name. */
function withDuplicate(day: PlannedDay, time: string): PlannedDay {
  return withScene(day, { ...day.scenes[0]!, name: 'scene-1-again', minute: minuteOf(time) });
}

/** One file more, with nothing on any of its chips. */
function withBlanks(day: PlannedDay, time: string): PlannedDay {
  const draw = { chips: BLANK_FILE_CHIPS, mix: [], blankShare: 1 };
  return withScene(day, { name: 'blank', minute: minuteOf(time), draw, stream: 0, isDamaged: false, dark: null });
}

function withScene({ number, scenes }: PlannedDay, scene: PlannedScene): PlannedDay {
  return { number, scenes: [...scenes, scene].sort((one, other) => one.minute - other.minute) };
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return 60 * hours! + minutes!;
}
