import { SERIES_COLOURS } from '../seriesColours.ts';

/** A class as a map shows it. */
export type MapClass = {
  readonly value: number;
  readonly name: string;
  /** Red, green and blue, each 0 to 255. */
  readonly colour: Colour;
};

export type Colour = readonly [red: number, green: number, blue: number];

/**
 * A package's classes with their colours: its `color_hint` (six hexadecimal digits), where it has one; else that of the
 * series at the same place, and lighter and darker ones where there are more classes than series.
 */
export function mapClasses(
  classes: readonly { readonly value: number; readonly name: string; readonly colourHint?: string | undefined }[],
): MapClass[] {
  return classes.map(({ value, name, colourHint }, i) => ({
    ...{ value, name },
    colour: colourHint === undefined ? defaultColour(i) : parseColour(colourHint),
  }));
}

/** As STAC's classification extension writes it: `1060B4`. */
export function hexOf(colour: Colour): string {
  return colour.map((part) => part.toString(16).padStart(2, '0').toUpperCase()).join('');
}

/** How far the colours of each round go towards white, or towards black where it is negative. */
const TINTS = [0, 0.5, -0.4, 0.25, -0.2];

function defaultColour(index: number): Colour {
  const [red, green, blue] = parseColour(SERIES_COLOURS[index % SERIES_COLOURS.length]!.slice(1));
  const tint = TINTS[Math.floor(index / SERIES_COLOURS.length) % TINTS.length]!;
  const tinted = (part: number) => Math.round(part + Math.abs(tint) * ((tint > 0 ? 255 : 0) - part));
  return [tinted(red), tinted(green), tinted(blue)];
}

function parseColour(hex: string): Colour {
  const all = Number.parseInt(hex, 16);
  return [all >> 16, (all >> 8) & 255, all & 255];
}
