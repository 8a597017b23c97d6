import MarkdownIt, { type Token } from 'markdown-it';

/**
 * Parses the Markdown of model cards and the runbook (CommonMark and tables) into data for the page. Everything else stays plain
 * text, in particular HTML; of links that do not lead to the web, such as those to files beside the card, their words.
 */
export type Block =
  | { kind: 'heading'; level: number; line: Inline[] }
  | { kind: 'paragraph'; line: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'list'; isNumbered: boolean; items: Block[][] }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' };

/** Words of one style. Bold in italic has both flags: nothing is nested, so rendering needs no recursion. */
export type Words = { text: string; isCode?: true; isBold?: true; isItalic?: true };
export type Inline = Words | { href: string; line: Words[] };

/** Text beyond this many characters is shown unparsed: in the worst case, this many take a quarter of a second and 60 MB. */
const LONGEST = 64 * 1024;
const ON_THE_WEB = /^https?:\/\//;

const reader = new MarkdownIt({ html: false, linkify: true }).disable('strikethrough');
reader.linkify.set({ fuzzyLink: false, fuzzyEmail: false }); // else README.md would lead to Moldova
reader.validateLink = () => true; // what leads elsewhere loses its address below

/** Parses a text; every text is valid. Lists and quotations are parsed to a depth of a hundred. */
export function blocksOf(text: string): Block[] {
  const end = text.length <= LONGEST ? text.length : text.lastIndexOf('\n', LONGEST) + 1 || LONGEST;
  const blocks = blocksUntil(undefined, reader.parse(text.slice(0, end), {}).values());
  return end === text.length ? blocks : [...blocks, { kind: 'code', text: text.slice(end) }];
}

/** Yields the tokens up to the next one of a type, which is consumed as well; the consumer of a token takes those inside it. */
function* until(end: string | undefined, tokens: Iterator<Token>): Generator<Token> {
  for (let next = tokens.next(); !next.done && next.value.type !== end; next = tokens.next()) yield next.value;
}

function blocksUntil(end: string | undefined, tokens: Iterator<Token>): Block[] {
  const blocks: Block[] = [];
  for (const { type, tag, content } of until(end, tokens)) {
    switch (type) {
      case 'heading_open':
        blocks.push({ kind: 'heading', level: Number(tag.slice(1)), line: linesUntil('heading_close', tokens).flat() });
        break;
      case 'paragraph_open':
        blocks.push({ kind: 'paragraph', line: linesUntil('paragraph_close', tokens).flat() });
        break;
      case 'bullet_list_open':
      case 'ordered_list_open': {
        const items: Block[][] = [];
        for (const _item of until(type.replace('open', 'close'), tokens))
          items.push(blocksUntil('list_item_close', tokens));
        blocks.push({ kind: 'list', isNumbered: type === 'ordered_list_open', items });
        break;
      }
      case 'blockquote_open':
        blocks.push({ kind: 'quote', blocks: blocksUntil('blockquote_close', tokens) });
        break;
      case 'table_open': {
        const rows: Inline[][][] = [];
        for (const part of until('table_close', tokens))
          if (part.type === 'tr_open') rows.push(linesUntil('tr_close', tokens));
        const [head = [], ...others] = rows;
        blocks.push({ kind: 'table', head, rows: others });
        break;
      }
      case 'fence':
      case 'code_block':
        blocks.push({ kind: 'code', text: content.replace(/\n$/, '') });
        break;
      case 'hr':
        blocks.push({ kind: 'rule' });
        break;
    }
  }
  return blocks;
}

function linesUntil(end: string, tokens: Iterator<Token>): Inline[][] {
  const lines: Inline[][] = [];
  for (const { type, children } of until(end, tokens)) if (type === 'inline') lines.push(lineOf(children ?? []));
  return lines;
}

function lineOf(tokens: readonly Token[]): Inline[] {
  const line: Inline[] = [];
  let link: { href: string; line: Words[] } | undefined;
  let [bold, italic] = [0, 0];
  const add = (text: string, isCode = false) => {
    if (text === '') return;
    const into: Inline[] = link?.line ?? line;
    const words = {
      text,
      ...(isCode && { isCode }),
      ...(bold > 0 && { isBold: true as const }),
      ...(italic > 0 && { isItalic: true as const }),
    };
    const last = into.at(-1);
    if (last !== undefined && 'text' in last && isAlike(last, words)) last.text += text;
    else into.push(words);
  };
  for (const token of tokens) {
    if (token.type === 'strong_open' || token.type === 'strong_close') bold += token.nesting;
    else if (token.type === 'em_open' || token.type === 'em_close') italic += token.nesting;
    else if (token.type === 'link_open') {
      const href = String(token.attrGet('href'));
      link = ON_THE_WEB.test(href) ? { href, line: [] } : undefined; // the parser accepts an empty address as a link
      if (link !== undefined) line.push(link);
    } else if (token.type === 'link_close') {
      if (link?.line.length === 0) link.line.push({ text: link.href });
      link = undefined;
    } else if (token.type === 'softbreak' || token.type === 'hardbreak') add(' ');
    else add(token.content, token.type === 'code_inline'); // a picture becomes its description: nothing is loaded
  }
  return line;
}

function isAlike(one: Words, other: Words): boolean {
  return one.isCode === other.isCode && one.isBold === other.isBold && one.isItalic === other.isItalic;
}
