/** What a tensor of a text model holds, as Hugging Face's tokenizers call it. */
export const FILLS = ['ids', 'attention_mask', 'type_ids'] as const;
export type Fill = (typeof FILLS)[number];

/** Of each chip, what is measured for drift: tokens without special ones, and shares of 0 to 1. */
export const TEXT_MEASURES = ['tokens', 'unknown', 'latin', 'cyrillic', 'arabic', 'han', 'other'] as const;

/** How texts become chips: the columns that hold the one or two texts of a row, and what fills each input, in the inputs' order. */
export type TextInputs = {
  readonly columns: readonly string[];
  readonly maxTokens: number;
  /** Whether a batch may be shorter than `maxTokens`. */
  readonly isOpen: boolean;
  readonly fills: readonly Fill[];
};

export type TextFacts = TextInputs & {
  readonly files: { readonly tokenizer: Uint8Array; readonly config: Uint8Array | null };
};
