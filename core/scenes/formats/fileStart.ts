import { cited } from '../../base/errors.ts';
import { isHdf5 } from '../../base/keys.ts';

/**
 * Describes the start of an unexpected file for an error message: its bytes as text with all but plain characters escaped,
 * and, if it is known, the format that is not read: `“GIF89a\x01\x00”, like a GIF image. Save one of its pictures as PNG`.
 */
export function describeStart(start: Uint8Array): string {
  const text = String.fromCharCode(...start.subarray(0, 16));
  const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const seen = text.replace(/[^ -~]|["\\]/g, escaped);
  const like = unreadFormat(start);
  return cited(seen) + (like === undefined ? '' : `, like ${like}`);
}

/** Names a file of a format that is not read, with what to do; undefined for any other file. */
export function unreadFormat(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, 16));
  return UNREAD.find(([signature]) => signature.test(text))?.[1];
}

/** Returns whether a file begins as the metadata of a Zarr store, or as HDF5, which other content may precede, as MATLAB's does. */
export function startsAsCube(start: Uint8Array, _size = 0, key = '') {
  if (/^((\xef\xbb\xbf)?\{|\x89HDF|MATLAB 7)/.test(String.fromCharCode(...start.subarray(0, 8)))) return 'yes';
  return isHdf5(key) && unreadFormat(start) === undefined ? 'maybe' : 'no';
}

/** One character stands for one byte. The brands of HEIF's images: https://nokiatech.github.io/heif/technical.html */
const UNREAD: [signature: RegExp, format: string][] = [
  [/^(\x89HDF|MATLAB 7)/, 'an HDF5 file, which is a scene by its name. Name it *.nc or *.h5'],
  [/^CDF[^ -~]/, 'a classic NetCDF file. Convert it to NetCDF4 (nccopy -k nc4 in.nc out.nc)'],
  [/^\cN\cC\cS\cA/, 'an HDF4 file. Convert a band (gdal_translate HDF4_SDS:UNKNOWN:in.hdf:0 out.tif)'],
  [/^GRIB/, 'a GRIB file. Convert it to a GeoTIFF (gdal_translate in.grib out.tif)'],
  [/^(EHFA_HEADER|PCIDSK|ncols )/, 'an Imagine, PCIDSK or ASCII grid. Convert it (gdal_translate in.img out.tif)'],
  [/^<VRTDataset/, 'a VRT, which names other files. Write their pixels into one (gdal_translate in.vrt out.tif)'],
  [/^(ARROW1|FEA1|ORC|Obj[^ -~])/, 'a table in Arrow (Feather), ORC or Avro. Write it as Parquet'],
  [/^GIF8/, 'a GIF image. Save one of its pictures as PNG'],
  [/^BM[\s\S]{4}\0{4}/, 'a BMP image. Save it as PNG'],
  [/^[\s\S]{4}ftypavi[fs]/, 'an AVIF photo. Convert it to JPEG (heif-convert in.avif out.jpg)'],
  [
    /^[\s\S]{4}ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/,
    'a HEIC photo. Convert it to JPEG (heif-convert in.heic out.jpg), or let the phone take JPEG (iPhone: Settings, Camera, Formats, Most Compatible)',
  ],
];
