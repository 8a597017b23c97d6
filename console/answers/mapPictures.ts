import { rampColour } from '../../charts/ramp.ts';
import type { Plane } from '../../core/arrays/dataTypes.ts';
import { encodeColours } from '../../core/arrays/encodePng.ts';
import { makeKept } from '../../core/base/concurrency/keepPromise.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { largest } from '../../core/base/text/largest.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Colour, Layer, MapName } from '../../core/package/layer.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { openMap } from '../../core/results/maps/openMap.ts';
import { type Reduced, reduceRaster } from '../../core/scenes/raster/reduceRaster.ts';
import { rangeOf } from '../../core/scenes/thumbnail.ts';
import { Refused } from '../answer.ts';
import type { MapLegend, SceneMap } from '../api.ts';
import type { Service } from '../service.ts';

/** The most pixels of the longer side: maps have overviews, each half as long as the one before. */
const LONGEST_SIDE = 1024;
/** An overview can be almost twice as long: 2048² values of 4 bytes for each of a dozen classes or more. */
const MOST_BYTES = 256 * 1024 ** 2;

const TITLES: Record<MapName, string> = {
  predictions: 'Map',
  unsure: 'Where the map is unsure',
  probabilities: 'Certainty of the map',
};

type Picture = { png: Uint8Array; legend: MapLegend };

export type MapPictures = ReturnType<typeof makeMapPictures>;

/** Makes pictures of runs' maps, from the smallest sufficient overview. */
export function makeMapPictures(openResult: Service['openResult']) {
  const keep = makeKept<Picture>(20);

  const pictureOf = (row: LedgerRow, model: ModelPackage, map: MapName): Promise<Picture> =>
    keep(`${row.run}/${map}`, async () => {
      const layers = model.task.layers?.(model).filter((layer) => layer.map === map) ?? [];
      const raster = await openMap(openResult, row, map, 0);
      const by = layers[0]?.classes === undefined ? 'mean' : 'middle';
      const sizes = { longestSide: LONGEST_SIDE, mostBytes: MOST_BYTES };
      return draw(await reduceRaster(raster, [...layers.keys()], { ...sizes, by }), layers);
    });

  return {
    async of(row: LedgerRow, model: ModelPackage): Promise<SceneMap[]> {
      const maps = (row.maps ?? []).map(async (name) => {
        const picture = await pictureOf(row, model, name).catch(nullIfNotFound);
        const image = `/api/runs/${row.run}/maps/${name}.png`;
        return picture && { name, title: TITLES[name], image, legend: picture.legend };
      });
      return (await Promise.all(maps)).filter((map) => map !== null);
    },
    /** Throws `Refused` with 404 if the run has no such map, or it is gone. */
    async png(row: LedgerRow, model: ModelPackage, map: MapName): Promise<Uint8Array> {
      const picture = row.maps?.includes(map) === true ? await pictureOf(row, model, map).catch(nullIfNotFound) : null;
      if (picture === null) throw new Refused(404, `Run ${row.run} has no map of ${map}, or the map is gone.`);
      return picture.png;
    },
  };
}

/** Draws a map: classes in their colours, a share or a value by its place on a ramp, three values as a colour. */
function draw(reduced: Reduced, layers: readonly Layer[]): Picture {
  const [first] = layers;
  const [plane] = reduced.planes;
  const { classes } = first ?? {};
  if (first === undefined || plane === undefined) throw new Refused(404, 'The map has no layers.');
  if (classes !== undefined) {
    const colours = new Map<number, Colour>(classes.map(({ value, colour }) => [value, colour]));
    const pixels = new Map<number, number>();
    for (const value of plane) pixels.set(value, (pixels.get(value) ?? 0) + 1);
    const entries = largest(classes, ({ value }) => pixels.get(value) ?? 0).map((one) => {
      // The others have many colours, so together they have none.
      return { name: one.name, colour: classes.includes(one) ? `rgb(${one.colour.join(' ')})` : 'none' };
    });
    const png = encodeColours(reduced, (i) => colours.get(plane[i]!));
    return { png, legend: { kind: 'classes', classes: entries } };
  }
  const inColour = reduced.planes.slice(0, 3);
  if (first.map === 'predictions' && inColour.length === 3) return drawInColour(reduced, inColour, layers);
  const { scale = 1, offset = 0 } = first;
  const isShare = first.map === 'probabilities';
  const shown = isShare ? reduced.planes : [plane]; // for probabilities, the highest of the classes
  const values = plane.map((_, i) => {
    let most = Number.NaN;
    for (const one of shown) if (!(one[i]! <= most)) most = one[i]!;
    return most * scale + offset;
  });
  const { black, white } = isShare ? { black: 0, white: 1 } : rangeOf([values]);
  const colourOf = (value: number) => rampColour(white > black ? (value - black) / (white - black) : 0.5);
  return {
    png: encodeColours(reduced, (i) => (Number.isNaN(values[i]!) ? undefined : colourOf(values[i]!))),
    legend: { kind: 'ramp', low: black, high: white, unit: isShare ? 'share' : 'number' },
  };
}

function drawInColour(reduced: Reduced, planes: readonly Plane[], layers: readonly Layer[]): Picture {
  const { black, white } = rangeOf(planes);
  const share = (value: number) => Math.round(255 * Math.min(1, Math.max(0, (value - black) / (white - black || 1))));
  const [red, green, blue] = planes as [Plane, Plane, Plane];
  return {
    png: encodeColours(reduced, (i) => {
      const colour = [share(red[i]!), share(green[i]!), share(blue[i]!)] as const;
      return colour.some(Number.isNaN) ? undefined : colour;
    }),
    legend: { kind: 'bands', bands: layers.slice(0, 3).map(({ description }) => description) },
  };
}
