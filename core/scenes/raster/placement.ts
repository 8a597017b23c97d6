import type proj4 from 'proj4';

/** A transformation between a datum and WGS84, without a grid. */
export type Operation = {
  /** Where it holds, in degrees; west exceeds east across the antimeridian. */
  readonly area: readonly [west: number, south: number, east: number, north: number];
  /** In metres; null if not known, because there is no transformation but taking one datum for the other. */
  readonly accuracy: number | null;
  /** The three or seven numbers of PROJ's `+towgs84`, or an offset of longitude and latitude in degrees; none if both agree. */
  readonly shift: readonly number[];
  /** Whether it is for the sea alone, whatever its area. */
  readonly isOffshore?: boolean;
  /** The prime meridian that it starts from, in degrees, if not that of the system. */
  readonly meridian?: number;
};

/** A system as a PROJ definition, but for its datum, with the ways from its datum to WGS84. */
export type System = { readonly definition: string; readonly operations: readonly Operation[] };

/** Longitude and latitude in WGS84 degrees, and the accuracy of the operation that led there. */
export type Placement = { readonly longitude: number; readonly latitude: number; readonly accuracy: number | null };

/** In the unit of the system. A point that does not come back lies outside of what its projection covers. */
const TOLERANCE = 0.5;

/** What proj4 does not take for granted, other than PROJ. */
const USUAL = '+lat_0=0 +lon_0=0 +x_0=0 +y_0=0';

const WGS84 = '+proj=longlat +datum=WGS84 +no_defs';

const NOWHERE: Placement = { longitude: Number.NaN, latitude: Number.NaN, accuracy: null };

type Way = Pick<Operation, 'accuracy' | 'isOffshore'> & {
  readonly area: number;
  readonly boxes: readonly Box[];
  toLonLat(point: [number, number]): number[];
};
type Leave = (longitude: number, latitude: number) => [x: number, y: number];
type Box = readonly [left: number, bottom: number, right: number, top: number];

/**
 * Returns what places points of a system on earth, and the way back, which is not finite where there is none. As PROJ does, it
 * takes for each point the most accurate operation whose area, drawn as a box in the coordinates of the system, holds the
 * point; of two, that of the smaller area; one for the sea only where there is no other.
 * @throws when proj4 does not support the projection
 */
export function placementIn(project: typeof proj4, { definition, operations }: System) {
  const [, factor] = /\+to_degrees=(\S+)/.exec(definition) ?? [];
  const unit = Number(factor ?? 1); // proj4 takes longitudes and latitudes in degrees alone
  const isProjected = !definition.includes('+proj=longlat');
  const full = definition.replace(/^\+proj=\S+/, (projection) => `${projection} ${USUAL}`);
  const geographic = '+proj=longlat +ellps=WGS84'; // of the same datum, as neither names one
  const endless = full.replace(/^\+proj=(merc|eqc|cea) /, '$& +over '); // scenes may go on beyond the seam, as in degrees
  const own = project(endless, geographic);
  const wrapped = project(full, geographic);
  const leave: Leave = (...at) => own.inverse(at, true);
  const ways = operations
    .map(({ area, accuracy, isOffshore, shift, meridian }): Way => {
      const boxes = operations.length > 1 ? boxesOf(area, (...at) => wrapped.inverse(at, true), unit) : [EVERYWHERE];
      const way = { accuracy, isOffshore: isOffshore ?? false, boxes, area: sizeOf(area) };
      if (shift.length > 2) {
        const from = meridian === undefined ? full : `${full} +pm=${meridian}`;
        const { forward } = project(`${from} +towgs84=${shift.join()}`, WGS84);
        return { ...way, toLonLat: (point) => forward(point, true) };
      }
      const [east = 0, north = 0] = shift;
      const toLonLat: Way['toLonLat'] = (point) => {
        const [longitude, latitude] = own.forward(point, true) as [number, number];
        return [longitude + east, latitude + north];
      };
      return { ...way, toLonLat };
    })
    .toSorted((a, b) => rankOf(a) - rankOf(b) || a.area - b.area);
  function place(x: number, y: number): Placement {
    const point: [number, number] = [x * unit, y * unit];
    const isIn = ([left, bottom, right, top]: Box) => x >= left && x <= right && y >= bottom && y <= top;
    const way = ways.find(({ boxes }) => boxes.some(isIn)) ?? ways.at(-1)!;
    const [longitude, latitude] = way.toLonLat([...point]) as [number, number];
    if (!Number.isFinite(longitude) || !Number.isFinite(latitude)) return NOWHERE;
    const [near, at] = own.forward([...point], true) as [number, number];
    const [backX, backY] = isProjected ? leave(near, at) : [x, y];
    if (!(Math.hypot(backX - x, backY - y) < TOLERANCE)) return NOWHERE;
    const turns = Math.round((longitude - near) / 360); // shifts of three or seven numbers lose them
    return { longitude: longitude - 360 * turns, latitude, accuracy: way.accuracy };
  }

  function pointAt(longitude: number, latitude: number): [x: number, y: number] {
    let own: [number, number] = [longitude, latitude];
    // Datums are some hundred metres apart, nearly in parallel: a step leaves a ten-thousandth of that.
    for (let step = 1; step <= STEPS_BACK && own.every(Number.isFinite); step += 1) {
      const [x, y] = leave(...own).map((value) => value / unit) as [number, number];
      const found = Number.isFinite(x + y) ? place(x, y) : NOWHERE;
      const [east, north] = [longitude - found.longitude, latitude - found.latitude];
      const right = east - 360 * Math.round(east / 360);
      if (Math.hypot(right, north) < (step < STEPS_BACK ? EXACT : NEAR)) return [x, y];
      own = [own[0] + right, own[1] + north];
    }
    return [Number.NaN, Number.NaN];
  }
  return { place, pointAt };
}

/** In degrees: a millimetre, and what two operations may differ by where the area of one ends. */
const [EXACT, NEAR] = [1e-8, 1e-3];
const STEPS_BACK = 4;

/** Accuracies are below 1000. */
const rankOf = ({ accuracy, isOffshore }: Way): number => (accuracy === null ? 1e6 : accuracy + (isOffshore ? 1e4 : 0));

const EVERYWHERE: Box = [-Infinity, -Infinity, Infinity, Infinity];

/** Points along each side of an area, as PROJ takes them to draw its box. */
const STEPS = 20;

/** Returns the boxes around an area, in the coordinates of the system; two if it crosses the antimeridian. */
function boxesOf([west, south, east, north]: Operation['area'], leave: Leave, unit: number): Box[] {
  if (west > east)
    return [...boxesOf([west, south, 180, north], leave, unit), ...boxesOf([-180, south, east, north], leave, unit)];
  if (west === -180 && south === -90 && east === 180 && north === 90) return [EVERYWHERE];
  const edge = Array.from({ length: STEPS + 1 }, (_, i) => {
    const [longitude, latitude] = [west + (i / STEPS) * (east - west), south + (i / STEPS) * (north - south)];
    return [leave(longitude, south), leave(longitude, north), leave(west, latitude), leave(east, latitude)];
  }).flat();
  const known = edge.filter((point) => point.every(Number.isFinite));
  const [xs, ys] = [known.map(([x]) => x / unit), known.map(([, y]) => y / unit)];
  return [[Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]];
}

const sizeOf = ([west, south, east, north]: Operation['area']): number =>
  (east - west + (west > east ? 360 : 0)) * (north - south);
