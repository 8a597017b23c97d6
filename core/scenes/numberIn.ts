const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a text says in decimal digits, as it is or with an exponent; null where it says none, or one beyond a double. */
export function numberIn(text: string): number | null {
  const trimmed = text.trim();
  const number = NUMBER.test(trimmed) ? Number(trimmed) : Infinity;
  return Number.isFinite(number) ? number : null;
}
