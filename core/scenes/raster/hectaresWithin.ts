/** WGS84. */
const [MAJOR_METRES, ECCENTRICITY] = [6_378_137, 0.081_819_190_842_621_49];
const SQUARE_METRES_PER_HECTARE = 10_000;

/**
 * Returns the area within a ring on the ellipsoid, in hectares: in Lambert's cylindrical equal-area projection (J. P. Snyder, *Map Projections: A Working
 * Manual*, USGS 1395 (1987), 10), with straight sides there.
 * @param ring longitude and latitude of each corner, one after the other, as in `footprintOf`
 */
export function hectaresWithin(ring: Float64Array): number {
  let doubled = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    doubled += xAt(ring[i]!) * yAt(ring[next + 1]!) - xAt(ring[next]!) * yAt(ring[i + 1]!);
  }
  return Math.abs(doubled) / 2 / SQUARE_METRES_PER_HECTARE;
}

const xAt = (longitude: number): number => MAJOR_METRES * radians(longitude);
const yAt = (latitude: number): number => (MAJOR_METRES * authalic(Math.sin(radians(latitude)))) / 2;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Snyder's q (3-12). */
function authalic(sine: number): number {
  const e = ECCENTRICITY;
  return (1 - e ** 2) * (sine / (1 - (e * sine) ** 2) + Math.atanh(e * sine) / e);
}
