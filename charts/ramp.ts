/** Viridis, told apart without red, green or blue: lighter for more. https://cran.r-project.org/package=viridis */
const COLOURS = [
  [0x44, 0x01, 0x54],
  [0x47, 0x2d, 0x7b],
  [0x3b, 0x52, 0x8b],
  [0x2c, 0x72, 0x8e],
  [0x21, 0x91, 0x8c],
  [0x28, 0xae, 0x80],
  [0x5e, 0xc9, 0x62],
  [0xad, 0xdc, 0x30],
  [0xfd, 0xe7, 0x25],
] as const;

/** Red, green and blue, each 0 to 255, of a share from 0 to 1; what is beyond is as its end. */
export function rampColour(share: number): [red: number, green: number, blue: number] {
  const place = Math.min(1, Math.max(0, share)) * (COLOURS.length - 1);
  const below = Math.min(Math.floor(place), COLOURS.length - 2);
  const mix = (part: 0 | 1 | 2) => {
    const [low, high] = [COLOURS[below]![part], COLOURS[below + 1]![part]];
    return Math.round(low + (place - below) * (high - low));
  };
  return [mix(0), mix(1), mix(2)];
}

export const rampCss = (share: number): string => `rgb(${rampColour(share).join(' ')})`;

/** All of it, from left to right. */
export const RAMP_GRADIENT = `linear-gradient(to right, ${COLOURS.map((colour) => `rgb(${colour.join(' ')})`).join(', ')})`;
