import type { Plane } from './dataTypes.ts';

export type Size = { readonly height: number; readonly width: number };

/** Resizes a plane into another of the target size; `out` may have another type than `plane`. */
export type Resize = (plane: Plane, out: Plane) => void;
