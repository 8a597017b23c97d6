/** Viridis, told apart without red, green or blue: lighter for more. https://cran.r-project.org/package=viridis */
const HEX = ['440154', '472d7b', '3b528b', '2c728e', '21918c', '28ae80', '5ec962', 'addc30', 'fde725'];
const COLOURS = HEX.map((hex) => hex.match(/../g)!.map((digits) => Number.parseInt(digits, 16)));

/** Red, green and blue, each 0 to 255, of a share from 0 to 1; what is beyond is as its end. */
export function rampColour(share: number): [red: number, green: number, blue: number] {
  const place = Math.min(1, Math.max(0, share)) * (COLOURS.length - 1);
  const below = Math.min(Math.floor(place), COLOURS.length - 2);
  const mix = (part: 0 | 1 | 2) => {
    const [low, high] = [COLOURS[below]![part]!, COLOURS[below + 1]![part]!];
    return Math.round(low + (place - below) * (high - low));
  };
  return [mix(0), mix(1), mix(2)];
}

export const rampCss = (share: number): string => `rgb(${rampColour(share).join(' ')})`;

export const RAMP_GRADIENT = `linear-gradient(to right, ${HEX.map((hex) => `#${hex}`).join(', ')})`;
