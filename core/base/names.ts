import { MAX_NAME_LENGTH } from './limits.ts';

/** Device names reserved by Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

export const safeNameRule = `a name of at most ${MAX_NAME_LENGTH} letters, digits, ".", "+", "-" and "_" that starts with a letter or a digit, does not end in "." and is not a Windows device name`;

/** Returns whether a text can be a segment of an S3 key and a file name on Linux, macOS and Windows. */
export function isSafeName(name: string): boolean {
  const shape = /^[0-9A-Za-z][\w.+-]*$/;
  return shape.test(name) && name.length <= MAX_NAME_LENGTH && !name.endsWith('.') && !RESERVED.test(name);
}

/** Returns a name as a folder name, however long: lower case, with one "-" for each run of other than letters, digits and dots. */
export const slug = (name: string): string =>
  withoutMarks(name)
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');

/** Returns a class's title as the name of a column or key, with "-" for everything but letters, digits, "-" and "_". */
export function columnName(title: string): string {
  if (/^[\w-]+$/.test(title)) return title;
  return withoutMarks(title)
    .replace(/[^\w-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Returns whether letters of a class's title are missing from its column name, or nothing is left of it. */
export function losesLetters(title: string): boolean {
  return columnName(title) === '' || /(?!\w)[\p{L}\p{N}]/u.test(withoutMarks(title));
}

/** Letters without accents and the like. */
const withoutMarks = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '');

/** Returns a relative address inside a package as a file name; `undefined` if it points anywhere else. */
export function packageFile(href: string): string | undefined {
  const name = href.replace(/^\.\//, '');
  return name.split('/').every(isSafeName) ? name : undefined;
}
