import type { Point } from '../raster/footprint.ts';
import { cutAtAntimeridian, type Outline } from '../raster/outline.ts';
import type { Metadata } from './metadata.ts';

/** The outline through latitudes and longitudes in turn, less than half a turn apart; the last place is the first. */
export function outlineThrough(numbers: readonly number[], { refuse }: Pick<Metadata, 'refuse'>): Outline {
  const isOnEarth = numbers.every((degrees, i) => Math.abs(degrees) <= (i % 2 === 0 ? 90 : 180));
  const isClosed = numbers[0] === numbers.at(-2) && numbers[1] === numbers.at(-1);
  if (!isOnEarth || !isClosed || numbers.length < 8 || numbers.length % 2 === 1)
    refuse('another footprint', 'are at least three places on earth, and the first again');
  return cutAtAntimeridian(
    Array.from({ length: numbers.length / 2 - 1 }, (_, i): Point => {
      const longitude = numbers[2 * i + 1]!;
      return [longitude - 360 * Math.round((longitude - numbers[1]!) / 360), numbers[2 * i]!];
    }),
  );
}
