import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvalidModelPackage } from '../../base/errors.ts';
import { MAX_TEXT_CHARACTERS } from '../../base/limits.ts';
import { makeTokenizer } from './tokenizer.ts';
import vectors from './tokenizer.vectors.json' with { type: 'json' };

const bytesOf = (json: unknown) => Buffer.from(JSON.stringify(json));
const ALL = Object.entries(vectors.of);
const opened = (name: keyof typeof vectors.of, most: number) =>
  makeTokenizer(bytesOf(vectors.of[name].tokenizer), null, most);

describe(`texts have the same tokens as those of ${vectors.made}:`, () => {
  for (const [name, { tokenizer, single, pairs }] of ALL) {
    test(name, () => {
      const { encode } = makeTokenizer(bytesOf(tokenizer), null, 1000);
      for (const [i, ids] of single.entries())
        assert.deepEqual(encode([vectors.texts[i]!]).ids, ids, JSON.stringify(vectors.texts[i]));
    });
    test(`${name}, of pairs that are truncated`, () => {
      const { encode } = makeTokenizer(bytesOf(tokenizer), null, vectors.most);
      for (const [i, [ids, types]] of pairs.entries()) {
        const pair = vectors.texts.slice(i, i + 2);
        const found = encode(pair);
        assert.deepEqual([found.ids, found.typeIds.join('')], [ids, types], JSON.stringify(pair));
      }
    });
  }
});

describe(`small tokenizers have the tokens of ${vectors.made}:`, () => {
  const tokens = ['<unk>', '▁', 'a', 'b', 'c', 'ab', '▁a', '$', '&', '-', '/', '\ufeff', '▁ab'];
  const merges = [
    ['a', 'b'],
    ['▁', 'a'],
    ['▁a', 'b'],
  ];
  const model = {
    type: 'BPE',
    unk_token: '<unk>',
    vocab: Object.fromEntries(tokens.map((one, i) => [one, i])),
    merges,
  };
  const cases: [string, { model?: object; [part: string]: unknown }, [string, number[]][]][] = [
    [
      'BPE without a token for unknown characters',
      { model: { unk_token: null } },
      [
        ['aïb', [5]],
        ['ïabï', [5]],
        ['aïbï', [5]],
        ['ï', []],
        ['aïïb😀', [5]],
      ],
    ],
    [
      'Metaspace before the first piece alone',
      {
        normalizer: { type: 'Lowercase' },
        pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
        added_tokens: [
          { id: 13, content: 'cc', single_word: false, lstrip: false, rstrip: false, normalized: true, special: false },
        ],
      },
      [
        ['ab cc ab', [1, 5, 1, 13, 1, 5]],
        ['ccab', [13, 5]],
        ['abccab', [1, 5, 13, 5]],
        [' ab', [1, 5]],
        ['cc ab', [13, 1, 5]],
        ['abcc', [1, 5, 13]],
      ],
    ],
    [
      'Strip',
      { normalizer: { type: 'Strip', strip_left: true, strip_right: true } },
      [
        ['\u0085ab\u0085', [5]],
        ['\ufeffab\ufeff', [11, 5, 11]],
        [' a b ', [2, 0, 3]],
      ],
    ],
    [
      'Strip of one side',
      { normalizer: { type: 'Strip', strip_left: false, strip_right: true } },
      [['  ab  ', [0, 0, 5]]],
    ],
    [
      'Replace by what is a pattern in JavaScript',
      { normalizer: { type: 'Replace', pattern: { String: 'c' }, content: '$&$$' } },
      [['acb', [2, 7, 8, 7, 7, 3]]],
    ],
    [
      'Replace of an expression',
      { normalizer: { type: 'Replace', pattern: { Regex: '\\s' }, content: '-' } },
      [['a\u0085b\ufeff', [2, 9, 3, 11]]],
    ],
    [
      'Prepend',
      {
        normalizer: {
          type: 'Sequence',
          normalizers: [
            { type: 'Strip', strip_left: true, strip_right: true },
            { type: 'Prepend', prepend: '▁' },
          ],
        },
      },
      [
        [' ', []],
        ['ab', [1, 5]],
      ],
    ],
    [
      'Split by a hyphen',
      { pre_tokenizer: { type: 'Split', pattern: { String: '-' }, behavior: 'Removed', invert: false } },
      [['ab-ab-', [5, 5]]],
    ],
    [
      'Split by a slash',
      { pre_tokenizer: { type: 'Split', pattern: { String: '/' }, behavior: 'Isolated', invert: false } },
      [['ab/ab', [5, 10, 5]]],
    ],
  ];
  for (const [name, parts, texts] of cases)
    test(name, () => {
      const { encode } = makeTokenizer(bytesOf({ ...parts, model: { ...model, ...parts.model } }), null, 1000);
      assert.deepEqual(
        texts.map(([one]) => [one, encode([one]).ids]),
        texts,
      );
    });
});

test('tokens and unknown ones are counted without special tokens, after truncation', () => {
  const { tokens, unknown, ids } = opened('uncased BERT', 6).encode(['the ☃ the ☃ the ☃']);
  assert.deepEqual([tokens, unknown, ids.length], [4, 2, 6]);
  assert.equal(opened('RoBERTa', 16).encode(['☃']).unknown, 0);
});

test('half a surrogate pair is read as U+FFFD', () => {
  const { encode } = opened('RoBERTa', 100);
  assert.deepEqual(encode(['a\ud800b\udc00']), encode(['a\ufffdb\ufffd']));
});

test('any text or pair has at most so many tokens as the model takes, each of them an id below size', () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { minLength: 1, maxLength: 2 });
  const halves = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => [String.fromCharCode(...units)]);
  for (const [, { tokenizer }] of ALL) {
    const { encode, size } = makeTokenizer(bytesOf(tokenizer), null, 12);
    const holds = (found: string[]) => {
      const { ids, typeIds } = encode(found);
      assert.ok(ids.length <= 12 && typeIds.length === ids.length && ids.every((id) => id >= 0 && id < size));
    };
    fc.assert(fc.property(fc.oneof(texts, halves), holds), { numRuns: 30 });
  }
});

test('a text is read up to MAX_TEXT_CHARACTERS, also one of a single word, or of marks alone', () => {
  for (const [name, unit] of [
    ['cased BERT', '今'],
    ['uncased BERT', '\u0301\u0323'],
    ['RoBERTa', 'a'],
    ['Llama', '😀'],
    ['XLM-RoBERTa', 'x'],
  ] as const) {
    const { encode } = opened(name, 512);
    const long = unit.repeat(MAX_TEXT_CHARACTERS / unit.length);
    assert.deepEqual(encode([`${long} and more`]), encode([long]));
  }
});

test('the token to pad with is that of the configuration, else of the file, else [PAD] or <pad>, else 0', () => {
  const { tokenizer } = vectors.of['XLM-RoBERTa'];
  const padOf = (config: unknown, edit = {}) =>
    makeTokenizer(bytesOf({ ...tokenizer, ...edit }), config === null ? null : bytesOf(config), 9).padId;
  assert.equal(padOf({ pad_token: '</s>' }), 2);
  assert.equal(padOf({ pad_token: { content: '<mask>' } }), 4);
  assert.equal(padOf(null, { padding: { pad_token: '</s>' } }), 2);
  assert.equal(padOf(null), 1);
  assert.equal(opened('uncased BERT', 9).padId, 0);
});

describe('is refused:', () => {
  const { tokenizer } = vectors.of['uncased BERT'];
  const { model } = tokenizer;
  const cases: [string, unknown, RegExp, unknown?][] = [
    ['no object', 7, /^tokenizer.json: the file: found 7, allowed is what save_pretrained/],
    ['no tokenizer', { a: 1 }, /^tokenizer.json: model: found nothing, allowed is an object/],
    [
      'another model',
      { ...tokenizer, model: { ...model, type: 'X' } },
      /model.type: found "X", allowed is WordPiece, BPE/,
    ],
    [
      'chance',
      { model: { type: 'BPE', vocab: {}, merges: [], dropout: 0.1 } },
      /model.dropout: found 0.1, allowed is none/,
    ],
    ['no merges', { model: { type: 'BPE', vocab: {} } }, /cannot be used/],
    [
      'ids that are none',
      { ...tokenizer, model: { ...model, vocab: { '[UNK]': 1, a: 'x' } } },
      /model.vocab: found \["a","x"\]/,
    ],
    [
      'another normalizer',
      { ...tokenizer, normalizer: { type: 'X' } },
      /normalizer.type: found "X", allowed is BertNor/,
    ],
    [
      'a sequence in a sequence',
      { ...tokenizer, normalizer: { type: 'Sequence', normalizers: [{ type: 'Sequence', normalizers: [] }] } },
      /normalizer.type: found "Sequence"/,
    ],
    [
      'an expression that might take years',
      { ...tokenizer, pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated' } },
      /pre_tokenizer.pattern: found "\(a\+\)\+\$", allowed is an expression of a published tokenizer\. Export/,
    ],
    [
      'a way of splitting',
      { ...tokenizer, pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithNext' } },
      /pre_tokenizer.behavior: found "MergedWithNext", allowed is Isolated, Removed/,
    ],
    [
      'a special token that is not there',
      { ...tokenizer, post_processor: { type: 'BertProcessing', cls: ['[C]', 2], sep: ['[SEP]', 3] } },
      /^tokenizer.json: post_processor: found "\[C\]", allowed is a token of the vocabulary/,
    ],
    [
      'a template that is none',
      { ...tokenizer, post_processor: { type: 'TemplateProcessing' } },
      /^tokenizer.json: cannot be used/,
    ],
    ['the token of unknown words', { ...tokenizer, model: { ...model, unk_token: '☃' } }, /model.unk_token: found "☃"/],
    ['the token to pad with', tokenizer, /pad_token: found "☃", allowed is a token/, { pad_token: '☃' }],
    [
      'texts without beginning',
      tokenizer,
      /truncation_side: found "left", allowed is "right"/,
      { truncation_side: 'left' },
    ],
    [
      'a token within words',
      { ...tokenizer, added_tokens: [{ id: 1, content: 'a', single_word: true }] },
      /single_word/,
    ],
  ];
  for (const [name, file, message, config] of cases)
    test(name, () => {
      const make = () => makeTokenizer(bytesOf(file), config ? bytesOf(config) : null, 16);
      assert.throws(make, (error) => error instanceof InvalidModelPackage && message.test(error.message));
    });
  test('what is not JSON', () => {
    assert.throws(() => makeTokenizer(Buffer.from('{'), null, 16), /the file: found nothing, allowed is what/);
  });
  test('room for special tokens alone', () => {
    assert.throws(() => opened('RoBERTa', 5), /found max_tokens of 5, allowed are at least 6/);
  });
});
