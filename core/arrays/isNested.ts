/** Returns whether nested lists have these lengths; the innermost elements are not checked. */
export function isNested(value: unknown, [length, ...inner]: readonly number[]): boolean {
  if (!Array.isArray(value) || value.length !== length) return false;
  return inner.length === 0 ? !value.some(Array.isArray) : value.every((one) => isNested(one, inner));
}
