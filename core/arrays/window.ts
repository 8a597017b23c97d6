/** A window of a raster in pixels, counted from the top left. */
export type RasterWindow = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
