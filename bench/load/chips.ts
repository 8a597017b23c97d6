import { sampleChips } from '../../test/models/sampleChips.ts';
import { model } from '../bundledModel.ts';

/** Each of the bundled shard's chips with something on it as an input: base64 of the pixels of each band that the model takes. */
export function chipInputs(): object[] {
  const { source, blankMax } = model;
  return sampleChips().flatMap(({ bands }) => {
    const planes = source.bands.map(({ name }): [string, Uint8Array] => [name, bands.get(name)!]);
    if (planes.every(([, plane]) => plane.every((value) => value <= (blankMax ?? 0)))) return [];
    return [
      { bands: Object.fromEntries(planes.map(([name, plane]) => [name, Buffer.from(plane).toString('base64')])) },
    ];
  });
}
