import TAG from './tags.json' with { type: 'json' };

/** The tags that are read or written, named as in TIFF 6.0, GeoTIFF 1.1 (OGC 19-008r4) and GDAL's registry. */
export { TAG };

export type TagName = keyof typeof TAG;
