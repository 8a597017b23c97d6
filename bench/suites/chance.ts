import { mkdtempSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureDrift } from '../../core/statistics/measureDrift.ts';
import { type Random, sfc32 } from '../../replay/sfc32.ts';
import { PROPERTIES } from '../../test/benches/packages.ts';
import { type Day, type Days, type Found, type Sent, startDays } from '../chance/days.ts';
import { ALL_CLASSES, anywhere, type Draw, replaced, shuffled, tilted } from '../chance/draw.ts';
import { type Picture, readPicture, type Scene } from '../chance/picture.ts';
import { type Ranges, rangesOf, writePackage } from '../chance/ranges.ts';
import { type Figure, type Goal, measured } from '../figure.ts';
import type { Context, Suite } from '../suite.ts';

const BUNDLED = fileURLToPath(new URL('../../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url));
/** Other GeoTIFFs to take, as a list of paths. */
const RASTERS = 'SWATH_CHANCE_RASTERS';

/** What is promised, in percent of windows or days, and in a year. */
const ABOVE_FLOOR: Goal = { of: 'value', atMost: 2 };
const FALSE_VERDICTS: Goal = { of: 'value', atMost: 0.5 };
const MIX_FOUND: Goal = { of: 'value', atLeast: 95 };
const BAND_FOUND: Goal = { of: 'value', atLeast: 99 };
const SENSOR_NAMED: Goal = { of: 'value', atLeast: 95 };
const FALSE_ALARMS: Goal = { of: 'value', atMost: 4 };

const SEED = 20_260_301;
const DISTANCE = 0.3;
const GAIN = 0.8;
const SENSORS = 10;
/** A sensor whose predictions are others is at this distance. */
const OF_SENSOR = 0.4;
/** The chips of a scene, in columns and rows. */
const SCENE = [10, 10] as const;
const SCENE_OF_SENSOR = [6, 5] as const;
const SMALL_SCENE = [3, 3] as const;
/** The side of a chip in pixels, of which a raster has thousands; and larger ones, where it has enough of them for a profile with scenes. */
const SIDE = 4;
const LARGER = [16, 32, 64];
const ENOUGH_CHIPS = 60;

const WHOLE = { quiet: 60, mix: 40, band: 84, year: 365, sensor: 40, larger: LARGER };
const QUICK: typeof WHOLE = { quiet: 1, mix: 1, band: 2, year: 3, sensor: 1, larger: [] };

/** What is promised about chance, through the whole pipeline: scene files in, verdicts and alarms out. */
export const chance: Suite = {
  title: 'Chance: quiet days and changed ones through the embedded stack, from scene files to verdicts',
  onOneCore: true,
  run: async (context) => {
    const paths = process.env[RASTERS]?.split(delimiter) ?? [BUNDLED];
    const figures: Figure[] = [];
    for (const path of paths) figures.push(...(await ofPicture(context, await readPicture(path), paths.length > 1)));
    const { quiet, mix, band, year, sensor } = context.isQuick ? QUICK : WHOLE;
    context.note(
      `Seed ${SEED}. A package is made of each raster: a chip’s class is one of four ranges of its mean in the middle band, with limits at 20, 50 and 80 % of the raster’s chips; \`swath model profile\` of the whole raster is the reference, whose scenes are blocks. Scenes are squares of neighbouring chips from anywhere in the raster, from any pixel on; each is written as a GeoTIFF and arrives on a day of the stack’s own clock, which the sweep closes. Verdicts are those of the runs’ rows for one scene, else those of the metrics table’s days.`,
    );
    context.note(
      `Days of each kind: ${quiet} quiet ones; ${mix} with another mix of classes; ${band} with a dark band; ${year} of a year; ${sensor} with a bad sensor. Classes, bands and sensors take turns. By chips, as if each chip were independent of the others, is \`measureDrift\` of the same counts.`,
    );
    return figures;
  },
};

/** What a raster's kinds of days are made with. */
type Bench = Context & { picture: Picture; random: Random; counts: typeof WHOLE };

async function ofPicture(context: Context, picture: Picture, isOneOfMany: boolean): Promise<Figure[]> {
  const random = sfc32(SEED, picture.width, picture.height);
  const bench: Bench = { ...context, picture, random, counts: context.isQuick ? QUICK : WHOLE };
  const ranges = rangesOf(picture, SIDE);
  const figures = [
    ...(await quietOnes(bench)),
    ...(await changedOnes(bench, ranges)),
    ...(await badSensors(bench, ranges)),
  ];
  return figures.map((one) => ({ ...one, name: isOneOfMany ? `${picture.name}: ${one.name}` : one.name }));
}

/** A stage of its own, whose package tells sensors apart or not. */
async function start(
  { folder, picture }: Bench,
  ranges: Ranges,
  unit: 'scene' | 'chip',
  hasSensors = false,
): Promise<Days> {
  const own = mkdtempSync(join(folder, 'stage-'));
  const edits = hasSensors ? ([[`${PROPERTIES}/swath:segments`, { sensor: ['SAT?'] }]] as const) : [];
  await writePackage(join(own, 'package'), picture, ranges, unit, edits);
  return startDays(own, join(own, 'package'), picture, ranges.side);
}

async function pass(
  { tell, picture }: Bench,
  days: Days,
  what: string,
  count: number,
  scenes: (day: number) => Sent[],
) {
  const found: Day[] = [];
  for (let day = 0; day < count; day += 1) {
    if (day % 20 === 0) tell(`${picture.name}, ${what}: day ${day + 1} of ${count}`);
    found.push(await days.pass(scenes(day)));
  }
  return found;
}

const many = (count: number, draw: Draw): Scene[] => Array.from({ length: count }, draw);

/** Quiet days of three scenes and of ten, of chips of each size; their files are windows of one scene. */
async function quietOnes(bench: Bench): Promise<Figure[]> {
  const { picture, random, counts, note } = bench;
  const figures: Figure[] = [];
  for (const side of [SIDE, ...counts.larger]) {
    const ranges = rangesOf(picture, side);
    if (ranges.chips.length < ENOUGH_CHIPS) {
      const { length } = ranges.chips;
      note(
        `NOT MEASURED: ${picture.name} has ${length} chips of ${side} × ${side} with data, too few for a profile with scenes.`,
      );
      continue;
    }
    const size = side === SIDE ? SCENE : SMALL_SCENE;
    const draw = anywhere(picture, ranges, size, random);
    await using days = await start(bench, ranges, 'scene');
    const quiet = (count: number) =>
      pass(bench, days, `${count} quiet scenes of chips of ${side} px`, counts.quiet, () => many(count, draw));
    const [three, ten] = [await quiet(3), await quiet(10)];
    const of = (count: number) => `quiet: ${scenesOf(count, size, side)}`;
    const files = [...three, ...ten].flatMap((day) => day.files);
    figures.push(...quietFigures(of(1), files, ranges));
    for (const [name, found] of [
      [of(3), three],
      [of(10), ten],
    ] as const) {
      const windows = found.map(({ all }) => all);
      figures.push(...quietFigures(name, windows, ranges));
      figures.push(
        share('… verdict drift of a source band', windows, ({ bandDrift }) => bandDrift.some(isDrift), FALSE_VERDICTS),
      );
    }
  }
  return figures;
}

/** A quiet year, and on the same stage days with another mix of classes and with a dark band. */
async function changedOnes(bench: Bench, ranges: Ranges): Promise<Figure[]> {
  const { picture, random, counts, note } = bench;
  const draw = anywhere(picture, ranges, SCENE, random);
  await using days = await start(bench, ranges, 'scene');

  const quiet = await pass(bench, days, 'a quiet year', counts.year, () => [draw()]);
  const alarms = quiet.flatMap((day) => day.alarms);
  const told = [...new Set(alarms)].map((id) => ` (${alarms.filter((one) => one === id).length} × ${id})`);
  const year = `a quiet year of ${scenesOf(1, SCENE, SIDE)} a day (n = ${counts.year} days): alarms that went off${told.join('')}`;
  const figures = [measured(year, 'alarms', [alarms.length], { goal: FALSE_ALARMS })];

  const mix = `mix of classes at ${DISTANCE}, ${scenesOf(30, SCENE, SIDE)}`;
  const mixes = {
    'scenes as they are, those with more of a class more often': ALL_CLASSES.flatMap(
      (own) => tilted(draw, ranges, own, DISTANCE, random) ?? [],
    ),
    'chips replaced by those of a class': ALL_CLASSES.map((own) => replaced(draw, ranges, own, DISTANCE, random)),
  };
  for (const [how, draws] of Object.entries(mixes)) {
    if (draws.length === 0) {
      note(`NOT MEASURED: no scenes of ${picture.name} are so far from it.`);
      continue;
    }
    const days30 = await pass(bench, days, `${mix}, ${how}`, counts.mix, (day) => many(30, draws[day % draws.length]!));
    const windows = days30.map(({ all }) => all);
    const byChip = (one: Found) => isDrift(byChips(one, ranges));
    figures.push(share(`${mix} (${how}): found`, windows, ({ drift }) => isDrift(drift), MIX_FOUND, byChip));
  }

  const bandOf = (day: number) => day % picture.bands.length;
  const dark = await pass(bench, days, 'a dark band', counts.band, (day) =>
    many(10, () => ({ ...draw(), dark: { band: bandOf(day), by: GAIN } })),
  );
  const drifting = ({ all }: Day) => all.bandDrift.filter(isDrift).map(({ band }) => band);
  const nameOf = (day: number) => picture.bands[bandOf(day)]!.name;
  const what = `one band × ${GAIN}, ${scenesOf(10, SCENE, SIDE)}`;
  figures.push(
    share(`${what}: found`, dark, (day) => drifting(day).length > 0, BAND_FOUND),
    share('… named', dark, (day, i) => drifting(day).includes(nameOf(i))),
    share('… and no other band', dark, (day, i) => drifting(day).join() === nameOf(i)),
  );
  return figures;
}

/** One sensor of ten is bad: by chips that are independent, and by a scene of neighbouring ones each. */
async function badSensors(bench: Bench, ranges: Ranges): Promise<Figure[]> {
  const { picture, random, counts } = bench;
  const mixed = shuffled(ranges, SCENE_OF_SENSOR, random);
  const neighbours = anywhere(picture, ranges, SCENE_OF_SENSOR, random);
  const others = ALL_CLASSES.map((own) => replaced(mixed, ranges, own, OF_SENSOR, random));
  const dark = (draw: Draw) => (day: number) => ({ ...draw(), dark: { band: day % picture.bands.length, by: GAIN } });
  type Kind = { what: string; good: Draw; bad: (day: number) => Scene };
  const kinds: Record<'chip' | 'scene', Kind[]> = {
    chip: [
      {
        what: `shuffled chips, its classes at ${OF_SENSOR}`,
        good: mixed,
        bad: (day) => others[day % others.length]!(),
      },
      { what: `shuffled chips, one band × ${GAIN}`, good: mixed, bad: dark(mixed) },
    ],
    scene: [{ what: `a scene each, one band × ${GAIN}`, good: neighbours, bad: dark(neighbours) }],
  };
  const figures: Figure[] = [];
  const sensors = Array.from({ length: SENSORS }, (_, one) => `SAT${one}`);
  const badOf = (day: number) => sensors[day % SENSORS]!;
  for (const unit of ['chip', 'scene'] as const) {
    await using days = await start(bench, ranges, unit, true);
    for (const { what, good, bad } of kinds[unit]) {
      const found = await pass(bench, days, `a bad sensor, ${what}`, counts.sensor, (day) =>
        sensors.map((name) => ({ ...(name === badOf(day) ? bad(day) : good()), name })),
      );
      const named = ({ segments }: Day) =>
        segments.filter(({ drift, bands }) => isDrift(drift) || bands.length > 0).map(({ name }) => name);
      const name = `one bad sensor in ten, 300 chips a day (${what}): named`;
      figures.push(
        share(name, found, (day, i) => named(day).includes(badOf(i)), SENSOR_NAMED),
        share('… another one named', found, (day, i) => named(day).some((one) => one !== badOf(i))),
      );
    }
  }
  return figures;
}

const scenesOf = (count: number, [columns, rows]: readonly [number, number], side: number) =>
  `${count} ${count === 1 ? 'scene' : 'scenes'} of ${columns * rows} chips of ${side} px`;

type Scores = { jensenShannon: number; noiseFloor: number };
const isAbove = (found: Scores | null) => found !== null && found.jensenShannon > found.noiseFloor;
const isDrift = (found: { verdict: string } | null) => found?.verdict === 'drift';

/** The verdict if each chip were independent of the others. */
const byChips = ({ counts }: Found, { reference }: Ranges) => measureDrift({ counts, reference });

function quietFigures(name: string, windows: readonly Found[], ranges: Ranges): Figure[] {
  return [
    share(
      `${name}: above the noise floor`,
      windows,
      ({ drift }) => isAbove(drift),
      ABOVE_FLOOR,
      (one) => isAbove(byChips(one, ranges)),
    ),
    share(
      '… verdict drift',
      windows,
      ({ drift }) => isDrift(drift),
      FALSE_VERDICTS,
      (one) => isDrift(byChips(one, ranges)),
    ),
  ];
}

/** In how many percent of windows something holds; by chips beside it, if that is known. */
function share<Window>(
  name: string,
  windows: readonly Window[],
  holds: (window: Window, i: number) => boolean,
  goal?: Goal,
  holdsByChips?: (window: Window) => boolean,
): Figure {
  const percent = (of: (window: Window, i: number) => boolean) => (100 * windows.filter(of).length) / windows.length;
  const byChips = holdsByChips && percent(holdsByChips);
  const beside = byChips === undefined || byChips === 0 ? {} : { 'by chips': [byChips] };
  return measured(`${name} (n = ${windows.length.toLocaleString('en-US')})`, '%', [percent(holds)], { beside, goal });
}
