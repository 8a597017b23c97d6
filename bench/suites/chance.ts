import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureDrift } from '../../core/statistics/measureDrift.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { PROPERTIES } from '../../test/benches/packages.ts';
import { type Day, type Days, type Found, type Sent, startDays } from '../chance/days.ts';
import { ALL_CLASSES, anywhere, type Draw, replaced, shuffled, tilted } from '../chance/draw.ts';
import { type Picture, readPicture } from '../chance/picture.ts';
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
const QUICK: typeof WHOLE = { quiet: 2, mix: 1, band: 2, year: 5, sensor: 2, larger: [] };

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

async function ofPicture(
  { isQuick, folder, tell, note }: Context,
  picture: Picture,
  isOneOfMany: boolean,
): Promise<Figure[]> {
  const { quiet, mix, band, year, sensor, larger } = isQuick ? QUICK : WHOLE;
  const figures: Figure[] = [];
  const add = (...more: Figure[]) =>
    figures.push(...more.map((one) => ({ ...one, name: isOneOfMany ? `${picture.name}: ${one.name}` : one.name })));
  let stage = 0;
  const start = async (ranges: Ranges, unit: 'scene' | 'chip', hasSensors = false): Promise<Days> => {
    const own = join(folder, `${picture.name}-${++stage}`);
    const edits = hasSensors ? ([[`${PROPERTIES}/swath:segments`, { sensor: ['SAT?'] }]] as const) : [];
    await writePackage(join(own, 'package'), picture, ranges, unit, edits);
    return startDays(own, join(own, 'package'), picture, ranges.side);
  };
  const random = sfc32(SEED, picture.width, picture.height);
  const pass = async (days: Days, what: string, count: number, scenes: (day: number) => readonly Sent[]) => {
    const found: Day[] = [];
    for (let day = 0; day < count; day += 1) {
      if (day % 20 === 0) tell(`${picture.name}, ${what}: day ${day + 1} of ${count}`);
      found.push(await days.pass(scenes(day)));
    }
    return found;
  };
  const many = (count: number, draw: Draw) => Array.from({ length: count }, draw);

  const ranges = rangesOf(picture, SIDE);
  for (const side of [SIDE, ...larger]) {
    const own = side === SIDE ? ranges : rangesOf(picture, side);
    if (own.chips.length < ENOUGH_CHIPS) {
      note(
        `NOT MEASURED: ${picture.name} has ${picture.width} × ${picture.height} pixels, too few for chips of ${side} × ${side}.`,
      );
      continue;
    }
    const size = side === SIDE ? SCENE : SMALL_SCENE;
    const draw = anywhere(picture, own, size, random);
    await using days = await start(own, 'scene');
    const three = await pass(days, `3 quiet scenes of ${side} px`, quiet, () => many(3, draw));
    const ten = await pass(days, `10 quiet scenes of ${side} px`, quiet, () => many(10, draw));
    const of = (count: number) => `quiet: ${scenesOf(count, size, side)}`;
    const files = [...three, ...ten].flatMap((day) => day.files);
    add(...quietFigures(of(1), files, own));
    for (const [count, found] of [
      [3, three],
      [10, ten],
    ] as const)
      add(
        ...quietFigures(
          of(count),
          found.map(({ all }) => all),
          own,
        ),
        quietBands(found),
      );
  }

  const draw = anywhere(picture, ranges, SCENE, random);
  {
    await using days = await start(ranges, 'scene');
    const found = await pass(days, 'a quiet year', year, () => [draw()]);
    const alarms = found.flatMap((day) => day.alarms);
    const told = [...new Set(alarms)].map((id) => ` ${alarms.filter((one) => one === id).length} ${id}`).join(',');
    add(
      measured(
        `a quiet year of ${scenesOf(1, SCENE, SIDE)} a day: alarms that went off${told}`,
        `in ${year} days`,
        [alarms.length],
        { goal: FALSE_ALARMS },
      ),
    );

    const what = `mix of classes at ${DISTANCE}, ${scenesOf(30, SCENE, SIDE)}`;
    const tilts = ALL_CLASSES.flatMap((own) => tilted(draw, ranges, own, DISTANCE, random) ?? []);
    const mixes = {
      'scenes as they are, those with more of a class more often': tilts,
      'chips replaced by those of a class': ALL_CLASSES.map((own) => replaced(draw, ranges, own, DISTANCE, random)),
    };
    for (const [how, draws] of Object.entries(mixes)) {
      if (draws.length === 0) {
        note(`NOT MEASURED: no scenes of ${picture.name} are so far from it.`);
        continue;
      }
      const changed = await pass(days, what, mix, (day) => many(30, draws[day % draws.length]!));
      add(
        share(
          `${what}: found (${how})`,
          changed,
          ({ all }) => isDrift(all.drift),
          MIX_FOUND,
          ({ all }) => isDrift(byChips(all, ranges)),
        ),
      );
    }

    const bands = picture.bands.length;
    const dark = await pass(days, 'a dark band', band, (day) =>
      many(10, () => ({ ...draw(), dark: { band: day % bands, by: GAIN } })),
    );
    const whatOf = `one band × ${GAIN}, ${scenesOf(10, SCENE, SIDE)}`;
    const drifting = ({ all }: Day) => all.bandDrift.filter(isDrift).map(({ band }) => band);
    add(share(`${whatOf}: found`, dark, (day) => drifting(day).length > 0, BAND_FOUND));
    add(share('… named', dark, (day, i) => drifting(day).includes(picture.bands[i % bands]!.name)));
    add(share('… and no other band', dark, (day, i) => drifting(day).join() === picture.bands[i % bands]!.name));
  }

  const ofSensor = [SCENE_OF_SENSOR, random] as const;
  const mixed = shuffled(ranges, ...ofSensor);
  const neighbours = anywhere(picture, ranges, ...ofSensor);
  const others = ALL_CLASSES.map((own) => replaced(mixed, ranges, own, OF_SENSOR, random));
  const darkOf =
    (draw: Draw) =>
    (day: number): Sent => ({ ...draw(), dark: { band: day % picture.bands.length, by: GAIN } });
  const kinds: [string, 'scene' | 'chip', [string, Draw, (day: number) => Sent][]][] = [
    [
      'chip',
      'chip',
      [
        [`shuffled chips, its classes at ${OF_SENSOR}`, mixed, (day) => others[day % others.length]!()],
        [`shuffled chips, one band × ${GAIN}`, mixed, darkOf(mixed)],
      ],
    ],
    ['scene', 'scene', [[`a scene each, one band × ${GAIN}`, neighbours, darkOf(neighbours)]]],
  ];
  for (const [, unit, changes] of kinds) {
    await using days = await start(ranges, unit, true);
    for (const [what, quietly, badly] of changes) {
      const badOf = (day: number) => day % SENSORS;
      const found = await pass(days, `a bad sensor, ${what}`, sensor, (day) =>
        Array.from({ length: SENSORS }, (_, one) => ({
          ...(one === badOf(day) ? badly(day) : quietly()),
          name: `SAT${one}`,
        })),
      );
      const named = ({ segments }: Day) =>
        segments.filter(({ drift, bands }) => isDrift(drift) || bands.length > 0).map(({ name }) => name);
      const name = `one bad sensor in ten, 300 chips a day (${what})`;
      add(share(`${name}: named`, found, (day, i) => named(day).includes(`SAT${badOf(i)}`), SENSOR_NAMED));
      add(share('… another one named', found, (day, i) => named(day).some((one) => one !== `SAT${badOf(i)}`)));
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

const quietBands = (days: readonly Day[]) =>
  share('… verdict drift of a source band', days, ({ all }) => all.bandDrift.some(isDrift), FALSE_VERDICTS);

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
  return measured(name, `% of ${windows.length.toLocaleString('en-US')}`, [percent(holds)], { beside, goal });
}
