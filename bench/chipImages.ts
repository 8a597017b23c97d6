import { encodeGeoTiff } from '../test/geoTiff.ts';
import { sampleChips } from '../test/models/sampleChips.ts';
import { model } from './bundledModel.ts';

/** The bundled shard's chips with something on them, each as a GeoTIFF of the package's bands. */
export function chipImages(): Uint8Array[] {
  const { bands, height, width } = model.source;
  const { blankMax } = model;
  return sampleChips().flatMap((chip) => {
    const planes = bands.map(({ name }) => chip.bands.get(name)!);
    const isBlank = planes.every((plane) => plane.every((value) => value <= (blankMax ?? 0)));
    return isBlank
      ? []
      : [encodeGeoTiff({ width, height, bands: planes, descriptions: bands.map(({ name }) => name) })];
  });
}
