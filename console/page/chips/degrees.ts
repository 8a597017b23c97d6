/** A place on earth as people write it: `52.7388° N, 8.9719° W`; four decimals are ten metres. */
export function degrees([longitude, latitude]: readonly [number, number]): string {
  const side = (value: number, positive: string, negative: string) =>
    `${Math.abs(value).toFixed(4)}° ${value < 0 ? negative : positive}`;
  const east = longitude > 180 ? longitude - 360 : longitude; // across the antimeridian
  return `${side(latitude, 'N', 'S')}, ${side(east, 'E', 'W')}`;
}
