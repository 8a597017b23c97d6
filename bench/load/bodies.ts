/** Requests of so many inputs each: as few as have all of them once. */
export function bodiesOf(inputs: readonly object[], each: number): Buffer[] {
  const requests = Math.ceil(inputs.length / each);
  return Array.from({ length: requests }, (_, i) =>
    Buffer.from(
      JSON.stringify({ inputs: Array.from({ length: each }, (__, j) => inputs[(i * each + j) % inputs.length]) }),
    ),
  );
}
