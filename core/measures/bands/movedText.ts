import { printable } from '../../base/text/printable.ts';
import type { BandDrift } from './measureBands.ts';

/** Further bands are counted, not named. */
const MOST_NAMED = 3;

/** Returns a sentence on which bands of a window drift; null if none does. */
export function movedText(bands: readonly Pick<BandDrift, 'band' | 'verdict'>[] = []): string | null {
  const names = bands.filter(({ verdict }) => verdict === 'drift').map(({ band }) => printable(band));
  if (names.length === 0) return null;
  if (names.length > MOST_NAMED) return `${names.length} source bands have moved by more than is allowed.`;
  const which = names.length === 1 ? 'source band' : 'source bands';
  return `The ${which} ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} moved by more than is allowed.`;
}
