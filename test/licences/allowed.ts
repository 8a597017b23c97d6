/**
 * Under which licences other people's code may come with this service, by SPDX identifier. What they have in common: it may be
 * used, changed and passed on, sold as well, and nothing of ours must be published for it.
 */
export const ALLOWED = new Map([
  ['MIT', 'keeps its notice'],
  ['ISC', 'as MIT, in fewer words'],
  ['Apache-2.0', 'keeps its notice, grants patents'],
  ['BSD-2-Clause', 'keeps its notice'],
  ['BSD-3-Clause', 'keeps its notice, lends no names for advertisement'],
  ['BlueOak-1.0.0', 'as MIT, in plain words, grants patents'],
  ['MIT-0', 'MIT without the notice'],
  ['0BSD', 'asks for nothing'],
  ['Unlicense', 'asks for nothing'],
  ['CC0-1.0', 'asks for nothing'],
]);

/**
 * And under which what only helps us to make and test it, and goes nowhere: those, and what asks for something of whoever
 * passes it on, which we do not.
 */
export const ALLOWED_FOR_DEVELOPMENT = new Map([
  ...ALLOWED,
  ['MIT OR Apache-2.0', 'a choice; we take MIT'],
  ['MPL-2.0', 'whoever passes it on with changes publishes these'],
  ['Python-2.0', 'keeps its notice'],
  ['PSF-2.0', 'keeps its notice'],
]);

/** A package that is allowed although its licence is not, or is a choice: as it says today, and why that is well. */
export type Exception = { licence: string; why: string };

export const EXCEPTIONS = new Map<string, Exception>([
  [
    'argparse',
    {
      licence: 'PSF-2.0',
      why: "It keeps its notice, and reads the words of markdown-it's own command, which nothing here runs.",
    },
  ],
  [
    'h5wasm',
    {
      licence: 'SEE LICENSE IN LICENSE.txt',
      why: 'NIST lets anybody use, change and pass it on, with its notice. The HDF5 library in it is under BSD-3-Clause.',
    },
  ],
  ['type-fest', { licence: '(MIT OR CC0-1.0)', why: 'A choice; we take it under MIT.' }],
]);
