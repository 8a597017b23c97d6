import known from './parts.json' with { type: 'json' };

/** A normalizer or pre-tokenizer of tokenizer.json, and the functions of some that differ from the library's. */
export type Part = { readonly type: string; readonly [key: string]: unknown };
type Make<Made> = (text: string, options?: { readonly section_index?: number }) => Made;
type Mended<Made> = Readonly<Record<string, (part: Part, own: Make<Made>) => Make<Made>>>;

/** The blocks that Hugging Face puts spaces around: a piece of extension E is missing there, too. */
const HAN =
  /[\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{f900}-\u{faff}\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
/** Characters that are newer than the tables of Unicode in Rust's normalizers, which take them for nothing special. */
const { newer } = known;
const REMOVED = new RegExp(`[\\0\\u{fffd}[[\\p{Cc}\\p{Cf}\\p{Co}]--[\\t\\n\\r${newer.removed}]]]`, 'gv');
const MARKS = new RegExp(`[[\\p{Mn}\\u{1734}\\u{1171e}]--[${newer.marks}]]`, 'gv');
const ACCENTS = new RegExp(`[[\\p{M}\\u{1cf2}\\u{1cf3}]--[${newer.accents}]]`, 'gv');
const PUNCTUATION = `[[\\p{P}!-\\/:-@\\[-\`\\{-~\\u{166d}\\u{111c9}]--[${newer.punctuation}]]`;
const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';

/** A run of marks takes time by its square, so that one of more than a thousand is normalized in pieces. */
const RUN = new RegExp(`[^\\p{M}${newer.forms}]*[\\p{M}--[${newer.forms}]]{0,1000}`, 'gv');
const inForm = (form: string) => (text: string) => text.replace(RUN, (run) => run.normalize(form));

/** JavaScript writes the last Σ of a word as ς. */
const lowercased = (text: string) => text.replaceAll('Σ', 'σ').toLowerCase();

export const NORMALIZERS: Mended<string> = {
  BertNormalizer: (bert) => (text) => {
    const clean = bert['clean_text'] ? text.replace(REMOVED, '').replace(/\p{White_Space}/gu, ' ') : text;
    const apart = bert['handle_chinese_chars'] ? clean.replace(HAN, ' $& ') : clean;
    const bare = (bert['strip_accents'] ?? bert['lowercase']) ? inForm('NFD')(apart).replace(MARKS, '') : apart;
    return bert['lowercase'] ? lowercased(bare) : bare;
  },
  Lowercase: () => lowercased,
  Strip: ({ strip_left, strip_right }) => {
    const left = strip_left ? '^\\p{White_Space}+' : '(?!)';
    const ends = new RegExp(strip_right ? `${left}|(?<!\\p{White_Space})\\p{White_Space}+$` : left, 'gu');
    return (text) => text.replace(ends, '');
  },
  Replace: ({ pattern, content }) => {
    const { Regex, String: plain } = Object(pattern);
    const found = Regex === undefined ? plain : new RegExp(inJs(Regex), 'gv');
    return (text) => text.replaceAll(found, () => String(content));
  },
  Prepend:
    ({ prepend }) =>
    (text) =>
      text && `${prepend}${text}`,
  StripAccents: () => (text) => text.replace(ACCENTS, ''),
  ...Object.fromEntries(['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => [form, () => inForm(form)])),
  Precompiled: (part) => precompiled(Buffer.from(String(part['precompiled_charsmap']), 'base64')),
};

const matching = (source: string) => {
  const regex = new RegExp(inJs(source), 'gv');
  return (text: string) => text.match(regex) ?? [];
};

/** In Rust, `\s` is White_Space of Unicode, and `\d` any decimal digit. */
const inJs = (regex: string) =>
  regex.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}').replaceAll('\\d', '\\p{Nd}');

/** The characters that stand for bytes: printable ones for themselves. */
const OF_BYTES = Array.from({ length: 256 }, (_, byte) => byte);
let others = 256;
for (const byte of OF_BYTES) if (byte < 33 || (byte > 126 && byte < 161) || byte === 173) OF_BYTES[byte] = others++;

export const PRE_TOKENIZERS: Mended<readonly string[]> = {
  BertPreTokenizer: () => matching(`${PUNCTUATION}|[^\\s${PUNCTUATION}]+`),
  Whitespace: () => matching(`${WORD}+|[^\\s${WORD}]+`),
  WhitespaceSplit: () => matching('\\S+'),
  Punctuation: () => matching(`${PUNCTUATION}|[^${PUNCTUATION}]+`),
  Digits: (digits) => matching(`\\p{N}${digits['individual_digits'] ? '' : '+'}|\\P{N}+`),
  ByteLevel: ({ add_prefix_space, use_regex = true }) => {
    const words = use_regex ? matching(known.regex[0]!) : (text: string) => [text];
    return (text) =>
      words(add_prefix_space && !text.startsWith(' ') ? ` ${text}` : text).map((word) =>
        Array.from(Buffer.from(word), (byte) => String.fromCharCode(OF_BYTES[byte]!)).join(''),
      );
  },
  Metaspace:
    ({ split = true }, own) =>
    (text, options) =>
      split ? own(text, options).flatMap((whole) => whole.split(/(?=▁)/)) : own(text, options),
  Split: ({ pattern, behavior, invert }) => {
    const { Regex, String: text = '' } = Object(pattern);
    const source = Regex === undefined ? text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&') : inJs(Regex);
    if (behavior === 'Removed' && invert) return matching(source);
    const regex = new RegExp(behavior === 'Removed' ? source : `(${source})`, 'gu');
    return (text) => text.split(regex).filter((piece) => piece !== '');
  },
};

/**
 * SentencePiece's table: a double-array trie, and the texts that its values point to, each ended by 0. Like Hugging Face,
 * replaces a short grapheme whose beginning is in the table, or else each of its characters that is.
 */
function precompiled(table: Buffer) {
  const trieBytes = table.readUInt32LE(0);
  const units = Array.from({ length: trieBytes / 4 }, (_, i) => table.readUInt32LE(4 + 4 * i));
  const offsetOf = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);
  const replaced = (text: string) => {
    let at = offsetOf(units[0]!);
    for (const byte of Buffer.from(text)) {
      at ^= byte;
      const unit = units[at] ?? 0;
      if ((unit & 0x800000ff) !== byte) return null;
      at ^= offsetOf(unit);
      const start = 4 + trieBytes + ((units[at] ?? 0) & 0x7fffffff);
      if (unit & 0x100) return table.toString('utf8', start, table.indexOf(0, start));
    }
    return null;
  };
  const graphemes = new Intl.Segmenter('und');
  const instead = (grapheme: string) => {
    const whole = Buffer.byteLength(grapheme) < 6 ? replaced(grapheme) : null;
    return whole ?? Array.from(grapheme, (character) => replaced(character) ?? character).join('');
  };
  const ofUnits = Array.from({ length: 256 }, (_, unit) => instead(String.fromCharCode(unit)));
  return (text: string) =>
    Array.from(graphemes.segment(text), ({ segment }) =>
      segment.length === 1 ? (ofUnits[segment.charCodeAt(0)] ?? instead(segment)) : instead(segment),
    ).join('');
}
