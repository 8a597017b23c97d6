/**
 * Names that whoever puts files in may choose, and that something on their way would obey, cut or confuse. All of them
 * are keys that S3 may have, but for those of `NO_KEYS`; which of them a folder can hold is said beside each.
 */
export type HostileName = {
  name: string;
  /** What would take it for more than a name. */
  about: string;
  /** Why no folder takes it as a key, as the refusal says; absent where it is a file like any other. */
  refused?: RegExp;
  /** One of its kind, for what takes seconds a name. */
  isSample?: true;
};

const WAY = /between its slashes there is nothing, "\." or "\.\."/;
const PASSED_OVER = /hidden or unfinished file/;
const ESC = '\u001b';
const BELL = '\u0007';

export const HOSTILE_NAMES: HostileName[] = [
  // Ways out of a folder, or to another file in it.
  { name: '../../etc/passwd', about: 'a way up', refused: WAY, isSample: true },
  { name: '..', about: 'the folder above', refused: WAY },
  { name: '.', about: 'the folder itself', refused: WAY },
  { name: 'a/../../b', about: 'a way down and up', refused: WAY },
  { name: 'a/../b', about: 'another way to b', refused: WAY, isSample: true },
  { name: './a', about: 'another way to a', refused: WAY },
  { name: '/etc/passwd', about: 'an absolute way', refused: WAY },
  { name: '//host/share', about: 'a way to another machine', refused: WAY },
  { name: 'a//b', about: 'a name of nothing', refused: WAY },
  { name: 'a/b/', about: 'a folder', refused: WAY },
  { name: '..\\..\\windows\\win.ini', about: 'a way up, on Windows', refused: PASSED_OVER },
  { name: 'C:\\scenes\\a', about: 'an absolute way, on Windows' },
  { name: '%2e%2e%2f%2e%2e%2fetc%2fpasswd', about: 'a way up, if it is decoded', isSample: true },
  { name: '%252e%252e%252fetc', about: 'a way up, if it is decoded twice' },
  { name: 'a%00.tfrecord', about: 'a NUL, if it is decoded' },
  { name: 'a+b c%20d', about: 'a space, if it is decoded as a form is' },
  { name: 'nul\u0000.tfrecord', about: 'what ends a name', refused: /NUL/, isSample: true },
  { name: `${'x'.repeat(256)}`, about: 'longer than a file system takes', refused: /has 256 bytes, .* at most 255/ },
  { name: 'x'.repeat(255), about: 'as long as a file system takes' },
  { name: `${'é'.repeat(127)}x`, about: 'the same in two bytes a letter' },
  {
    name: ['é'.repeat(127), 'ü'.repeat(127), '衛'.repeat(84), '🛰'.repeat(63), 'wholly x'].join('/'),
    about: '1,024 bytes of UTF-8 and no more: as long as S3 takes',
  },

  // Names with a meaning of their own.
  { name: '.hidden', about: 'a hidden file', refused: PASSED_OVER },
  { name: '.versions/x', about: 'where we keep former versions', refused: PASSED_OVER },
  { name: 'x.part', about: 'a copy that is not done', refused: PASSED_OVER, isSample: true },
  { name: 'x~', about: 'a backup', refused: PASSED_OVER },
  { name: 'swath-canary', about: 'like the reserved folder, but a file' },
  { name: 'north/swath-canary/x', about: 'the reserved folder, but elsewhere' },
  { name: 'digest#0123456789abcdef', about: 'like a digest row', isSample: true },
  { name: 'sweep#inbox', about: 'like a note of the sweep' },
  { name: 'inbox/a#v1', about: "like a scene's id" },
  { name: '__proto__', about: 'what every object has', isSample: true },
  { name: 'constructor', about: 'what every object has' },
  { name: 'CON', about: 'a device, on Windows' },
  { name: 'nul.tfrecord', about: 'a device, on Windows' },
  { name: 'ends with a dot.', about: 'cut off, on Windows' },
  { name: 'ends with spaces  ', about: 'cut off by whoever trims' },
  { name: ' begins with spaces', about: 'cut off by whoever trims' },
  { name: ' ', about: 'nothing, for whoever trims' },
  { name: '*?[a-z]{b,c}', about: 'a pattern' },
  { name: 'a?b=c&d#e', about: 'the end of an address' },
  { name: 'null', about: 'nothing, as JSON has it' },

  // What a command line, a shell or a spreadsheet takes for a command.
  { name: '--help', about: 'an option', isSample: true },
  { name: '-rf', about: 'an option' },
  { name: '$(touch pwned)`id`', about: 'a command, to a shell', isSample: true },
  { name: 'a b; rm -rf ~ #', about: 'three words and a comment, to a shell' },
  { name: `'; touch pwned; echo '`, about: 'the end of a quotation, to a shell' },
  { name: '!!', about: 'the command before, to a shell' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is such a text
  { name: '${jndi:ldap:x}', about: 'a look-up, to a logger' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is such a text
  { name: '${param:stage}{{7*7}}#{7*7}', about: 'a template' },
  { name: '%s%n%d', about: 'a format' },
  { name: "=cmd|' C calc'!A0", about: 'a formula, to a spreadsheet', isSample: true },
  { name: '=cmd()', about: 'a formula, to a spreadsheet' },
  { name: '+1', about: 'a formula, to a spreadsheet' },
  { name: '@SUM(A1)', about: 'a formula, to a spreadsheet' },
  { name: '{"$.key":"States.Format"}', about: 'a path, to Step Functions', isSample: true },
  { name: '$.detail.object.key', about: 'a path, to Step Functions' },
  { name: `"'\`\\`, about: 'every quotation mark, and what quotes them' },

  // What a page takes for markup.
  { name: '<script>alert(1)<script>', about: 'a script' },
  { name: '"><img src=x onerror=alert(1)>', about: 'the end of an attribute', isSample: true },
  { name: "' onmouseover='alert(1)", about: 'the end of an attribute' },
  { name: '&amp;&lt;b&gt;', about: 'an entity' },
  { name: ']]><!--', about: 'the end of a section, and a comment' },
  { name: 'javascript:alert(1)', about: 'an address' },

  // What a terminal obeys, or ends a line.
  { name: 'two\nlines', about: 'a line feed', isSample: true },
  { name: 'DONE\r\nBcc: x@example.org', about: 'a header of an e-mail' },
  { name: '\rover the line before', about: 'a carriage return' },
  { name: 'tab\tbed', about: 'a tab' },
  { name: `${ESC}[31mred${ESC}[2J`, about: 'colour, and a screen that is cleared', isSample: true },
  { name: `${ESC}]0;title${BELL}`, about: 'the title of the window' },
  { name: `${ESC}]8;;http:${ESC}\\link${ESC}]8;;${ESC}\\`, about: 'a link' },
  { name: 'c1\u009b2J\u0085', about: 'the same in one character' },
  { name: 'back\u0008\u0008\u0008\u007f', about: 'what deletes' },
  { name: 'a\u2028{"event":"infer.done"}\u2029', about: 'ends of lines that JSON lets through', isSample: true },

  // What looks like another name.
  { name: 'invoice\u202efdp.exe', about: 'from right to left', isSample: true },
  { name: '\u2067isolated\u2069\u200f', about: 'from right to left' },
  { name: 'zero\u200b\u200d\u2060\ufeffwidth', about: 'nothing to see' },
  { name: 'filled\u3164\u115f\u034f', about: 'nothing to see, and a letter all the same' },
  { name: 'tagged\u{e0041}\u{e007f}\u{e0100}', about: 'nothing to see, outside of the first plane' },
  { name: 'caf\u00e9', about: 'an accent, as one letter', isSample: true },
  { name: 'cafe\u0301', about: 'an accent, as two', isSample: true },
  { name: `z${'\u0335\u0321\u0301'.repeat(8)}`, about: 'marks upon marks' },
  { name: 'satellite 🛰️ 衛星 👩‍🚀', about: 'what deserves to be shown as it is', isSample: true },
];

/** Those that a folder takes as keys, on Linux and macOS. */
export const HELD_NAMES = HOSTILE_NAMES.filter(({ refused }) => refused === undefined);
/** Those that it does not. */
export const REFUSED_NAMES = HOSTILE_NAMES.filter(({ refused }) => refused !== undefined);

/** Texts that are no keys at all, and why. */
export const NO_KEYS: { name: string; why: RegExp }[] = [
  { name: '', why: /./ },
  { name: 'x'.repeat(1025), why: /at most 1024 bytes/ },
  { name: `${'é'.repeat(512)}x`, why: /at most 1024 bytes/ },
  { name: 'half a pair \ud83d', why: /surrogate/ },
  { name: '\udef0', why: /surrogate/ },
];
