import { bandTypeFor, type DataType } from '../arrays/dataTypes.ts';
import { MAX_BANDS } from '../base/limits.ts';
import { dimensionOf } from './dimension.ts';
import type { ModelItem } from './item.ts';
import { namesOf } from './problems.ts';

type Properties = ModelItem['properties'];
type Input = Properties['mlm:input'][number];
type Asset = ModelItem['assets'][string];

export type ToldBand = {
  readonly name: string;
  readonly dataType: DataType;
  readonly commonName: string | null;
  /** A stored value stands for `value * scale + offset`; null if not stated. */
  readonly scale: number | null;
  readonly offset: number | null;
  readonly nodata: number | string | null;
};

export type ToldBands = { readonly path: string; readonly bands: readonly ToldBand[] };

type Said = { [Field in keyof ToldBand]?: ToldBand[Field] | undefined };
type List = { path: string; bands: readonly Said[] };

/**
 * Returns the bands of the scene files, in file order. An item may describe them in several lists, each of which may hold a
 * part: `bands` of STAC 1.1, `eo:bands` and `raster:bands` of STAC 1.0, in its properties or with the model's asset, and
 * `cube:variables`. The properties' `bands` decides which bands there are, else the first list that has all the bands that
 * the inputs take unchanged. A band's type, common name, scale, offset and nodata come from any list that states them. A type that
 * no list states is the input's own.
 *
 * Without any list, they are the bands that the inputs name. If the inputs name none, there are as many as the input takes:
 * `f0`, `f1`… for rows of numbers, `b0`, `b1`… for images.
 */
export function sourceBandsOf(
  properties: Properties,
  asset: readonly [key: string, asset: Asset] | undefined,
  inputs: readonly Input[],
): ToldBands {
  const names = [...new Set(namesOf(inputs.flatMap(takenOf).filter(({ expression }) => expression === undefined)))];
  const lists = listsOf(properties, asset).filter(({ bands }) => bands.length > 0);
  const isWhole = ({ bands }: List) => names.every((name) => bands.some((band) => band.name === name));
  const decides = properties.bands === undefined ? (lists.find(isWhole) ?? lists[0]) : lists[0];
  const { path, bands } = decides ?? madeList(inputs[0]!, names);
  const dataType = bandTypeFor(inputs[0]!.input.data_type);
  return { path, bands: bands.map(({ name }) => toldBand(name!, dataType, lists)) };
}

export const takenOf = ({ bands, variables }: Input): Input['bands'] => (bands.length > 0 ? bands : variables);

function toldBand(name: string, dataType: DataType, lists: readonly List[]): ToldBand {
  const said = lists.flatMap(({ bands }) => bands.find((band) => band.name === name) ?? []);
  const first = <Field extends keyof Said>(field: Field) => said.find((one) => one[field] != null)?.[field];
  const measured = { scale: first('scale') ?? null, offset: first('offset') ?? null, nodata: first('nodata') ?? null };
  return { name, dataType: first('dataType') ?? dataType, commonName: first('commonName') ?? null, ...measured };
}

function listsOf(properties: Properties, asset: readonly [key: string, asset: Asset] | undefined): List[] {
  const ofPlace = (path: string, { bands = [], 'eo:bands': eo = [], 'raster:bands': raster = [] }: Lists): List[] => {
    const own = bands.map(({ name, data_type: dataType, nodata, ...band }) => {
      const { 'raster:scale': scale = band.scale, 'raster:offset': offset = band.offset } = band;
      return { name, dataType, commonName: band['eo:common_name'] ?? band.common_name, scale, offset, nodata };
    });
    // Used together, the two extensions describe the same bands: by name, or in the same order if none has a name of the other.
    const known = new Set<unknown>(eo.map(nameOf));
    const inOrder = eo.length === raster.length && !raster.some(({ name }) => known.has(name));
    const rasters = raster.map(({ name, data_type: dataType, scale, offset, nodata }, i) => {
      return { name: inOrder ? nameOf(eo[i]!) : name, dataType, scale, offset, nodata };
    });
    return [
      { path: `${path}.bands`, bands: own },
      { path: `${path}.eo:bands`, bands: eo.map((band) => ({ name: nameOf(band), commonName: band.common_name })) },
      { path: `${path}.raster:bands`, bands: rasters },
    ];
  };
  const variables = Object.entries(properties['cube:variables'] ?? {});
  const ofCube = variables.map(([name, { data_type: dataType }]) => ({ name, dataType }));
  return [
    ...ofPlace('properties', properties),
    ...(asset === undefined ? [] : ofPlace(`assets.${asset[0]}`, asset[1])),
    { path: 'properties.cube:variables', bands: ofCube },
  ].filter(({ bands }) => bands.every(({ name }) => name !== undefined));
}

type Lists = Pick<Properties, 'bands' | 'eo:bands' | 'raster:bands'>;

const nameOf = (band: { name?: string | undefined; common_name?: string | null | undefined }) =>
  band.name ?? band.common_name ?? undefined;

function madeList({ input }: Input, names: readonly string[]): List {
  const { shape, dim_order: order } = input;
  const count = Math.min(Math.max(shape[order.findIndex((name) => dimensionOf(name) === 'bands')] ?? 0, 0), MAX_BANDS);
  const letter = order.length === 2 ? 'f' : 'b';
  const made = names.length > 0 ? names : Array.from({ length: count }, (_, i) => `${letter}${i}`);
  return { path: 'mlm:input', bands: made.map((name) => ({ name })) };
}
