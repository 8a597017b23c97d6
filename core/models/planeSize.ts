import type { Plane } from './dataTypes.ts';

export type Size = { readonly height: number; readonly width: number };

/** Copies one plane into another of the target size; `out` may be of another type than `plane`. */
export type Resize = (plane: Plane, out: Plane) => void;
