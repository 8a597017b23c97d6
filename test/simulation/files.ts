import { encodeScene, type TestChip } from '../benches/scenes.ts';
import { encodeGeoTiff } from '../geoTiff.ts';
import { digestOf } from './inbox.ts';
import { CLASSES, classOf, MISSING_VALUE, PROBABILITY } from './model.ts';

/** The scene files of the simulated world, and what must come of each: worked out from its chips, by none of the code under test. */

export type SceneFile = {
  bytes: Uint8Array;
  digest: string;
  /** Null where it is no scene file. */
  numbers: Numbers | null;
  /** What its shadow sees of it, where that is not all: of predictions over HTTP. */
  shadowed?: Numbers;
  /** Of a raster, what a model of pixels makes of it; `NO_CLASS` where there is nothing. */
  map?: { width: number; height: number; values: number[] };
};

/** What stands in a map for pixels of no class. */
const NO_CLASS = 255;

export type Numbers = {
  chips: number;
  blank: number;
  missing: number;
  counts: number[];
  probabilitySum: number;
  /** For each part, the chips that were predicted: their place in the file and their class. */
  parts: { index: number; label: number | null }[][];
};

const CHIPS_PER_PART = 2;

/** A file of chips, each written as the value of its pixels; 0 is blank. Of more chips, it begins with the same bytes. */
export function sceneFile(...values: number[]): SceneFile {
  const bytes = encodeScene(values.map(chipOf));
  return { bytes, digest: digestOf(bytes), numbers: numbersOf(values) };
}

/** One that is broken in its last record. */
export function brokenFile(...values: number[]): SceneFile {
  const bytes = encodeScene(values.map(chipOf));
  bytes[bytes.length - 9]! ^= 0xff;
  return { bytes, digest: digestOf(bytes), numbers: null };
}

/** A raster of chips of 2 × 2 pixels, two beside one another and the next ones below. */
export function rasterFile(...values: number[]): SceneFile {
  const [width, height] = [2 * ACROSS, (2 * values.length) / ACROSS];
  const inPixels = (chips: readonly number[]) =>
    Array.from({ length: width * height }, (_, i) => chips[ACROSS * ((i / width) >> 1) + ((i % width) >> 1)]!);
  const bands = [0, 1].map((more) => Uint8Array.from(inPixels(values), (value) => value + more));
  const place = { epsg: 32629, origin: [500_000, 5_900_040], pixel: 10 } as const;
  const bytes = encodeGeoTiff({ width, height, bands, descriptions: ['A', 'B'], ...place });
  const classes = values.map((value) => (value === 0 ? null : classOf(value)) ?? NO_CLASS);
  const map = { width, height, values: inPixels(classes) };
  return { bytes, digest: digestOf(bytes), numbers: numbersOf(values), map };
}

/** Chips of a raster beside one another. */
const ACROSS = 2;

function chipOf(value: number): TestChip {
  return { value, label: value % CLASSES };
}

/** What comes of chips by their places; at some, there is none. */
export function numbersOf(places: readonly (number | null)[]): Numbers {
  const values = places.filter((value) => value !== null);
  const seen = places.flatMap((value, index) => (value === null || value === 0 ? [] : [{ value, index }]));
  const labels = seen.map(({ value, index }) => ({ index, label: classOf(value) }));
  const counts = Array.from({ length: CLASSES }, (_, at) => labels.filter(({ label }) => label === at).length);
  const predicted = counts.reduce((sum, count) => sum + count, 0);
  return {
    chips: values.length,
    blank: values.length - seen.length,
    missing: values.filter((value) => value === MISSING_VALUE).length,
    counts,
    probabilitySum: predicted * PROBABILITY,
    parts: Array.from({ length: Math.ceil(labels.length / CHIPS_PER_PART) }, (_, part) =>
      labels.slice(part * CHIPS_PER_PART, (part + 1) * CHIPS_PER_PART),
    ),
  };
}
