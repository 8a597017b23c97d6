/** A projection as proj4 takes one: angles in radians, lengths in metres; points are changed in place. */
type Projection = {
  readonly a: number;
  readonly es: number;
  readonly lat0: number;
  readonly long0: number;
  readonly x0: number;
  readonly y0: number;
  /** PROJ's parameter, the height of the projection plane, as written. */
  readonly h_0?: string;
};
type Point = { x: number; y: number };

/** EPSG's method 1052, Colombia Urban, which proj4 does not know: IOGP Guidance Note 373-7-2, 3.2.4. */
export const COLOMBIA_URBAN = {
  names: ['col_urban'],
  init() {},
  forward(this: Projection, p: Point): Point {
    const { a, x0, y0, lat0, long0 } = this;
    const { scale, bend, height } = constantsOf(this);
    const [dLat, middle] = [p.y - lat0, (p.y + lat0) / 2];
    const along = (p.x - long0) * normal(this, p.y) * Math.cos(p.y);
    const swell = 1 + height / meridian(this, middle);
    p.x = x0 + a * scale * along;
    p.y = y0 + a * swell * meridian(this, lat0) * (dLat + bend * along ** 2);
    return p;
  },
  inverse(this: Projection, p: Point): Point {
    const { a, es, x0, y0, lat0, long0 } = this;
    const { bend, height } = constantsOf(this);
    const [x, y] = [(p.x - x0) / a / (1 + height), (p.y - y0) / a];
    p.y = lat0 + y / (meridian(this, lat0) * (1 + height / (1 - es))) - bend * x ** 2;
    p.x = long0 + x / (normal(this, p.y) * Math.cos(p.y));
    return p;
  },
};

function constantsOf(of: Projection) {
  const height = Number(of.h_0 ?? 0) / of.a;
  const across = normal(of, of.lat0);
  return { height, scale: 1 + height / across, bend: Math.tan(of.lat0) / (2 * meridian(of, of.lat0) * across) };
}

/** The radius of curvature across the meridian, in semi-major axes. */
const normal = ({ es }: Projection, latitude: number): number => 1 / Math.sqrt(1 - es * Math.sin(latitude) ** 2);

/** And along it. */
const meridian = ({ es }: Projection, latitude: number): number => (1 - es) / (1 - es * Math.sin(latitude) ** 2) ** 1.5;
