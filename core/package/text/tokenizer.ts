import { Tokenizer as Library } from '@huggingface/tokenizers';
import * as z from 'zod';
import { InvalidModelPackage, jsonIn } from '../../base/errors.ts';
import { MAX_TEXT_CHARACTERS } from '../../base/limits.ts';
import { type Check, checked, parseAs, refuse } from '../problems.ts';
import { NORMALIZERS, type Part, PRE_TOKENIZERS } from './mended.ts';
import known from './parts.json' with { type: 'json' };

/** The counts are without special tokens. */
export type Encoding = { ids: readonly number[]; typeIds: readonly number[]; tokens: number; unknown: number };

/** `encode` truncates one text or two, and does not pad them; `size` is the largest id and one more. */
export type Tokenizer = { padId: number; size: number; encode: (texts: readonly string[]) => Encoding };

const NAME = 'tokenizer.json';
const text = z.string('a text');
const part = z.looseObject({ type: text }, 'an object with a type');
const token = z.looseObject(
  { content: text, id: z.int(), single_word: z.literal(false, 'false').optional() },
  'a token',
);
const FILE = z.looseObject(
  {
    model: z.looseObject({ vocab: z.custom((vocab) => vocab instanceof Object, 'a list or an object') }, 'an object'),
    added_tokens: z.array(token, 'a list').default([]),
    normalizer: part.nullish(),
    pre_tokenizer: part.nullish(),
    post_processor: part.nullish(),
    padding: z.looseObject({ pad_token: text }).nullish(),
  },
  'what save_pretrained(…) of Hugging Face writes',
);
const CONFIG = z.looseObject(
  {
    pad_token: z.union([text, z.object({ content: text }).transform(({ content }) => content)], 'a token').nullish(),
    truncation_side: z.literal('right', '"right": a text loses its end').optional(),
  },
  'an object',
);

/**
 * Makes a tokenizer that returns the ids and type ids of Hugging Face's own library, token by token. Whatever the file says
 * of truncation and padding, it truncates to `maxTokens`, special tokens included: a text loses its end, of a pair the longer
 * one (`longest_first`), and only MAX_TEXT_CHARACTERS of a text are read. Half a surrogate pair is read as U+FFFD.
 * A Unigram model may take another of two cuts of a word whose scores are equal: “10000000” as 1 0 00 00 00 or 1 00 00 0 00.
 * `padId` is that of the `pad_token` of tokenizer_config.json, else of the file's padding, else of [PAD] or <pad>, else 0.
 * @throws {InvalidModelPackage} if the file is none, or has parts that are not known here
 */
export function makeTokenizer(tokenizer: Uint8Array, config: Uint8Array | null, maxTokens: number): Tokenizer {
  try {
    return opened(tokenizer, config, maxTokens);
  } catch (cause) {
    if (cause instanceof InvalidModelPackage) throw cause;
    throw new InvalidModelPackage(`${NAME}: cannot be used: ${cause}. Save the tokenizer again.`, { cause });
  }
}

function opened(tokenizer: Uint8Array, config: Uint8Array | null, maxTokens: number): Tokenizer {
  const { model, ...file } = parseAs(FILE, NAME, jsonOf(tokenizer));
  const settings = config === null ? {} : parseAs(CONFIG, 'tokenizer_config.json', jsonOf(config));
  // Files of 2020 do not name the type of their model.
  const type = Array.isArray(model.vocab) ? 'Unigram' : 'merges' in model ? 'BPE' : 'WordPiece';
  const parts = { ...file, model: { type, ...model } as Part };
  checked(NAME, (check) => checkParts(parts, check));
  const library = openLibrary(parts);
  const ids: ReadonlyMap<string, number> = Object(library.model).tokens_to_ids;
  const idOf = (name: string, at: string) => {
    const allowed = 'allowed is a token of the vocabulary. Add it there, and save the tokenizer again.';
    return ids.get(name) ?? refuse(NAME, [`${at}: found ${JSON.stringify(name)}, ${allowed}`]);
  };
  const { unk_token, unk_id } = parts.model as { unk_token?: string | null; unk_id?: number };
  const unknown = unk_token == null ? unk_id : idOf(unk_token, 'model.unk_token');
  const templates = [false, true].map((isPair) => templateOf(file.post_processor, isPair, idOf));
  const room = templates.map((pieces) => maxTokens - pieces.filter(({ sequence }) => sequence === undefined).length);
  if (room[1]! < 2)
    refuse(NAME, [`found max_tokens of ${maxTokens}, allowed are at least ${maxTokens + 2 - room[1]!}`]);

  const idsOf = (whole: string) => library.encode(whole.slice(0, MAX_TEXT_CHARACTERS).toWellFormed()).ids;
  const encode = (texts: readonly string[]): Encoding => {
    const cut = truncated(texts.map(idsOf), room[texts.length - 1]!);
    const pieces = templates[texts.length - 1]!;
    const filled = pieces.map(({ sequence, id = 0 }) => (sequence === undefined ? [id] : cut[sequence]!));
    const typeIds = filled.flatMap((some, i) => some.map(() => pieces[i]!.typeId));
    const found = cut.flat();
    return { ids: filled.flat(), typeIds, tokens: found.length, unknown: found.filter((id) => id === unknown).length };
  };
  const pad = settings.pad_token ?? file.padding?.pad_token;
  const padId = pad == null ? (ids.get('[PAD]') ?? ids.get('<pad>') ?? 0) : idOf(pad, 'pad_token');
  let size = 0;
  for (const [name, id] of ids) {
    if (!Number.isInteger(id) || id < 0 || id >= 2 ** 31)
      refuse(NAME, [
        `model.vocab: found ${JSON.stringify([name, id])}, allowed are whole numbers from 0. Save it again.`,
      ]);
    size = Math.max(size, id + 1);
  }
  encode(['a']);
  return { padId, size, encode };
}

const jsonOf = (bytes: Uint8Array) => jsonIn(new TextDecoder().decode(bytes));

function partsOf(described: Part | null | undefined): Part[] {
  if (described?.type !== 'Sequence') return described == null ? [] : [described];
  return Object.values(described).flatMap((value) => (Array.isArray(value) ? value.map(Object) : []));
}

/** Nothing could stop a regular expression that takes years, so that only known ones are allowed. */
function checkParts(parts: { readonly [place in (typeof PLACES)[number]]?: Part | null | undefined }, check: Check) {
  const model = 'Export the model with such a tokenizer.';
  for (const place of PLACES)
    for (const { type, pattern, behavior = 'Isolated' } of partsOf(parts[place])) {
      const types = Array.isArray(known[place]) ? known[place] : Object.keys(known[place]);
      check(types.includes(type), `${place}.type`, type, `${types.join(', ')}. ${model}`);
      const { Regex = ' ' } = Object(pattern);
      check(known.regex.includes(Regex), `${place}.pattern`, Regex, `an expression of a published tokenizer. ${model}`);
      const isKnown = known.behavior.includes(`${behavior}`);
      check(isKnown, `${place}.behavior`, behavior, `${known.behavior.join(', ')}. ${model}`);
    }
  for (const option of Object(known.model)[parts.model!.type] ?? [])
    check(!parts.model![option], `model.${option}`, parts.model![option], `none. ${model}`);
}
const PLACES = ['normalizer', 'pre_tokenizer', 'post_processor', 'model'] as const;

/** Opens the library, and puts right where it differs from the one in Rust. */
function openLibrary(parts: {
  model: Part;
  normalizer?: Part | null | undefined;
  pre_tokenizer?: Part | null | undefined;
}) {
  const library = new Library(
    { normalizer: null, pre_tokenizer: null, ...parts, post_processor: null, decoder: null },
    {},
  );
  mend(library.normalizer, parts.normalizer, 'normalize', NORMALIZERS);
  mend(library.pre_tokenizer, parts.pre_tokenizer, 'pre_tokenize_text', PRE_TOKENIZERS);
  mendFirst(library);
  // Unknown characters beside each other are one token within a word, not beyond it.
  const ofWords = library.model!._call.bind(library.model);
  const { type, unk_token, byte_fallback } = parts.model;
  const isWithout = type === 'BPE' && unk_token == null && !byte_fallback;
  const wordOf = isWithout ? withoutUnknown(Object(library.model).tokens_to_ids) : (word: string) => word;
  library.model!._call = (words: readonly string[]) => words.flatMap((word) => ofWords([wordOf(word)]));
  return library;
}

/** Without a token for them, Rust's BPE drops unknown characters before it merges. The last one prevents no merge, and has the word's suffix. */
const withoutUnknown = (ids: ReadonlyMap<string, number>) => (word: string) =>
  Array.from(word)
    .filter((character, i, { length }) => i === length - 1 || ids.has(character))
    .join('');

/** The library takes each piece between added words for the text's first one, before which Metaspace may put a mark. */
function mendFirst(library: Library) {
  const mended = Object(library);
  const { splitter_normalized: splitter, pre_tokenizer: wordsOf, added_tokens_map: added } = mended;
  if (wordsOf === null) return;
  const split = splitter.split.bind(splitter);
  let isFirst = false;
  splitter.split = (text: string) => {
    const pieces = split(text);
    isFirst = !added.has(pieces[0]);
    return pieces;
  };
  mended.pre_tokenizer = (piece: string, options: object) => {
    const own = isFirst ? options : { section_index: 1 };
    isFirst = false;
    return wordsOf(piece, own);
  };
}

function mend(
  made: unknown,
  part: Part | null | undefined,
  method: string,
  mended: typeof NORMALIZERS | typeof PRE_TOKENIZERS,
) {
  const all = Object(made).normalizers ?? Object(made).tokenizers ?? [made];
  for (const [i, one] of partsOf(part).entries())
    if (Object.hasOwn(mended, one.type)) all[i][method] = mended[one.type]!(one, all[i][method].bind(all[i]));
}

/** Returns the special tokens (`id`) and the places of the texts (`sequence`) in one text or a pair. */
function templateOf(processor: Part | null | undefined, isPair: boolean, idOf: (name: string, at: string) => number) {
  const one = partsOf(processor).find(({ type }) => type !== 'ByteLevel') ?? { type: 'ByteLevel' };
  const template = { ...one, ...Object(known.post_processor)[one.type] };
  return Array.from<unknown, { id?: number; sequence?: number; typeId: number }>(
    isPair ? template.pair : template.single,
    (piece) => {
      const { SpecialToken, Sequence } = Object(piece);
      if (Sequence) return { sequence: Sequence.id === 'B' ? 1 : 0, typeId: Sequence.type_id };
      const name = template[SpecialToken.id]?.[0] ?? SpecialToken.id;
      return { id: idOf(name, 'post_processor'), typeId: SpecialToken.type_id };
    },
  );
}

/** Truncates the longer of two, or both to the half of what there is room for. */
function truncated(texts: number[][], room: number): number[][] {
  const [first = [], second] = texts;
  if (second === undefined) return [first.slice(0, room)];
  const [shorter, longer] = first.length <= second.length ? [0, 1] : [1, 0];
  const short = Math.min(texts[shorter]!.length, Math.floor(room / 2));
  return texts.map((ids, i) => ids.slice(0, i === longer ? room - short : short));
}
