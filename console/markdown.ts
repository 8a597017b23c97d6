import MarkdownIt, { type Token } from 'markdown-it';

/** Markdown of model cards and the runbook (CommonMark and tables) as elements; HTML and links that lead elsewhere stay text. */
export type Markdown = (string | Element)[];
/** An element by its name in HTML; only a link has an address. */
type Element = { tag: string; href?: string; children: Markdown };

/** Text beyond this many characters is shown unparsed: in the worst case, this many take a quarter of a second and 60 MB. */
const LONGEST = 64 * 1024;

const reader = new MarkdownIt({ html: false, linkify: true }).disable('strikethrough');
reader.linkify.set({ fuzzyLink: false, fuzzyEmail: false }); // else README.md would lead to Moldova
reader.validateLink = () => true; // what leads elsewhere loses its address below

/** Parses a text; every text is valid. Lists and quotations are parsed to a depth of a hundred. */
export function parseMarkdown(text: string): Markdown {
  const end = text.length <= LONGEST ? text.length : text.lastIndexOf('\n', LONGEST) + 1 || LONGEST;
  const elements = elementsOf(reader.parse(text.slice(0, end), {}).flatMap((token) => token.children ?? [token]));
  return end === text.length ? elements : [...elements, { tag: 'pre', children: [text.slice(end)] }];
}

const LOOKS = ['em', 'strong'];

function elementsOf(tokens: readonly Token[]): Markdown {
  const all: Markdown = [];
  const open: Element[] = [{ tag: '', children: all }];
  for (const token of tokens) {
    const { type, tag, nesting, content } = token;
    const { children } = open.at(-1)!;
    if (nesting > 0) {
      const href = type === 'link_open' ? String(token.attrGet('href')) : undefined; // it accepts an empty address as a link
      const isLeft =
        href === undefined ? LOOKS.includes(tag) && open.some((one) => one.tag === tag) : !/^https?:\/\//.test(href);
      // What is left out has its children in the place of itself: bold in bold, however deep, is bold.
      const element = isLeft ? { tag, children } : { tag, ...(href !== undefined && { href }), children: [] };
      if (!isLeft) children.push(element);
      open.push(element);
    } else if (nesting < 0) {
      const { href } = open.pop()!;
      if (href !== undefined && children.length === 0) children.push(href);
    } else if (type === 'fence' || type === 'code_block')
      children.push({ tag: 'pre', children: [content.replace(/\n$/, '')] });
    else if (type === 'code_inline' || type === 'hr') children.push({ tag, children: content === '' ? [] : [content] });
    else if (type === 'softbreak' || type === 'hardbreak') children.push(' ');
    else if (content !== '') children.push(content); // a picture becomes its description: nothing is loaded
  }
  return all;
}
