import { InvalidSceneFile } from '../../../errors.ts';
import type { Carried, CarriedValue } from '../../../models/carry.ts';
import { carriedText } from '../../carriedText.ts';
import type { Feature } from './example.ts';

const utf8 = new TextDecoder();

/**
 * Returns the value of a feature that is passed through: null if the record does not have it, or it has no value.
 *
 * @throws {InvalidSceneFile} for several values, for a text that is too long, or for one that is not a number where one is
 *   expected
 */
export function carriedValue(one: Carried, feature: Feature | undefined, where: () => string): CarriedValue {
  if (feature === undefined || feature.kind === 'none') return null;
  const [value, ...more] = feature.values;
  if (value === undefined) return null;
  if (more.length > 0)
    throw new InvalidSceneFile(
      `${where()}: ${one.name}: found ${feature.values.length} ${feature.kind} values, allowed is one, as it is passed through`,
    );
  if (typeof value === 'number' && one.type === 'DOUBLE') return value;
  return carriedText(one, typeof value === 'object' ? utf8.decode(value) : String(value), where);
}
