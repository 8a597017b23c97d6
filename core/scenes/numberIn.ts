const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Parses a decimal number, with or without an exponent. Null if the text is not one, or exceeds a double's range. */
export function numberIn(text: string): number | null {
  const trimmed = text.trim();
  const number = NUMBER.test(trimmed) ? Number(trimmed) : Infinity;
  return Number.isFinite(number) ? number : null;
}
