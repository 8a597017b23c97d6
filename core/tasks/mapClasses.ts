import type { ModelClass } from '../package/facts.ts';
import type { Colour, MapClass } from '../package/layer.ts';
import { SERIES_COLOURS } from './seriesColours.ts';

/**
 * Returns a package's classes with their colours: its `color_hint` (six hexadecimal digits), if any; else the series colour
 * at the same index, in lighter and darker shades if there are more classes than series colours.
 */
export const mapClasses = (
  classes: readonly Pick<ModelClass, 'value' | 'name' | 'title' | 'colourHint'>[],
): MapClass[] =>
  classes.map(({ value, name, title, colourHint }, i) => ({
    value,
    name,
    ...(title !== undefined && { title }),
    colour: colourHint === undefined ? defaultColour(i) : parseColour(colourHint),
  }));

/** How far the colours of each round are shifted towards white, or towards black if negative. */
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
