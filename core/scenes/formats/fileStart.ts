import { cited } from '../../base/errors.ts';
import { isHdf5 } from '../../base/keys.ts';
import unread from './unread.json' with { type: 'json' };

/**
 * Describes the start of an unexpected file for an error message: its bytes as text with all but plain characters escaped,
 * and, if it is known, the format that is not read: `“GIF89a\x01\x00”, like a GIF image. Save one of its pictures as PNG`.
 */
export function describeStart(start: Uint8Array): string {
  const text = String.fromCharCode(...start.subarray(0, 16));
  const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const like = unreadFormat(start);
  return cited(text.replace(/[^ -~]|["\\]/g, escaped)) + (like === undefined ? '' : `, like ${like}`);
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
const UNREAD = Object.entries(unread).map(([begins, format]) => [new RegExp(`^${begins}`), format] as const);
