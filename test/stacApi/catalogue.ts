import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import type { Random } from '../../replay/sfc32.ts';
import type { Item } from './judge.ts';

/** The ground of the bundled scene, and an area in it. */
const [WEST, SOUTH, EAST, NORTH] = [-9.0003, 52.618, -8.7734, 52.756];
export const AREA = polygon([-8.98, 52.63], [-8.86, 52.64], [-8.94, 52.74]);
/** Footprints: the whole scene, its two halves, a corner beside the area though within its box, and another scene's ground. */
const FOOTPRINTS = [
  polygon([WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH]),
  polygon([WEST, SOUTH], [-8.9, SOUTH], [-8.9, NORTH], [WEST, NORTH]),
  polygon([-8.9, SOUTH], [EAST, SOUTH], [EAST, NORTH], [-8.9, NORTH]),
  polygon([-8.88, 52.71], [EAST, 52.71], [EAST, NORTH]),
  polygon([WEST + 1, SOUTH], [EAST + 1, SOUTH], [EAST + 1, NORTH], [WEST + 1, NORTH]),
];
/** Of the bundled scene. */
const BANDS = 'B02 B03 B04 B8A B11 B12'.split(' ');
/** A look that is not the first one of its day reaches back so far; an Item of `late` days is out of its reach. */
const DAYS = { usual: [0.1, 2.5], late: [5, 20] } as const;

export const COLLECTION = 'sentinel-2-l2a';

/** Makes Items as catalogues of Sentinel-2 have them, of the bundled scene. Half of them do not say when they were revised. */
export function makeItems(assets: string, random: Random) {
  let count = 0;
  const between = ([least, most]: readonly [number, number]) => least + random() * (most - least);
  return {
    item(days: keyof typeof DAYS) {
      count += 1;
      const id = `S2A_29UNU_${count}_L2A`;
      const geometry = FOOTPRINTS[Math.floor(random() * FOOTPRINTS.length)]!;
      const acquired = Date.now() - between(DAYS[days]) * DAY_MILLISECONDS;
      return {
        type: 'Feature',
        stac_version: '1.0.0',
        id,
        collection: COLLECTION,
        geometry,
        bbox: boxOf(geometry.coordinates),
        properties: {
          datetime: new Date(acquired).toISOString(),
          ...(random() < 0.5 && { updated: new Date().toISOString() }),
          ...(random() < 0.8 && { 'eo:cloud_cover': Math.round(random() * 60) }),
        },
        assets: { all: { href: `${assets}/${id}/0.tif`, 'eo:bands': BANDS.map((name) => ({ name })) } },
        links: [],
      };
    },
    /** The Item as its catalogue has it later: of another time, or with another file. */
    revised<One extends Item>(item: One): One {
      const { updated, ...properties } = item.properties;
      const [name, file] = Object.entries(item.assets)[0]!;
      const href = file.href.replace(/(\d+)\.tif$/, (_, n) => `${Number(n) + 1}.tif`);
      return {
        ...item,
        properties: { ...properties, ...(updated !== undefined && { updated: new Date().toISOString() }) },
        assets: { [name]: { ...file, href } },
      };
    },
  };
}

function boxOf([ring = []]: [number, number][][]): number[] {
  const [longitudes, latitudes] = [0, 1].map((i) => ring.map((corner) => corner[i]!)) as [number[], number[]];
  return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}

function polygon(...corners: [number, number][]) {
  return { type: 'Polygon', coordinates: [[...corners, corners[0]!]] };
}
