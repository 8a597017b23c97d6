import MarkdownIt from 'markdown-it';

/** What is behind so many characters is shown as it is: at their worst, they take a quarter of a second and 60 MB to read. */
const LONGEST = 64 * 1024;
const ON_THE_WEB = /^https?:\/\//;
const reader = new MarkdownIt({ html: false }).disable('strikethrough');
reader.validateLink = (href) => ON_THE_WEB.test(href);
/** Reads a text; every text has a meaning. Lists and quotations are read to a depth of a hundred, which no card has. */
export function blocksOf(text) {
  if (text.length <= LONGEST) return read(text);
  const end = text.lastIndexOf('\n', LONGEST) + 1 || LONGEST;
  return [...read(text.slice(0, end)), { kind: 'code', text: text.slice(end) }];
}
function read(text) {
  const blocks = [];
  /** Where blocks go, lists and tables that are open: the innermost one last. */
  const places = [blocks];
  const lists = [];
  const tables = [];
  const add = (block) => places.at(-1).push(block);
  const open = (inner) => places.push(inner);
  let before;
  for (const token of reader.parse(text, {})) {
    switch (token.type) {
      case 'bullet_list_open':
      case 'ordered_list_open': {
        const list = { kind: 'list', isNumbered: token.type === 'ordered_list_open', items: [] };
        add(list);
        lists.push(list);
        break;
      }
      case 'bullet_list_close':
      case 'ordered_list_close':
        lists.pop();
        break;
      case 'list_item_open': {
        const item = [];
        lists.at(-1).items.push(item);
        open(item);
        break;
      }
      case 'blockquote_open': {
        const quote = { kind: 'quote', blocks: [] };
        add(quote);
        open(quote.blocks);
        break;
      }
      case 'list_item_close':
      case 'blockquote_close':
        places.pop();
        break;
      case 'table_open': {
        const table = { kind: 'table', head: [], rows: [] };
        add(table);
        tables.push(table);
        break;
      }
      case 'table_close':
        tables.pop();
        break;
      case 'tr_open':
        tables.at(-1).rows.push([]);
        break;
      case 'thead_close':
        tables.at(-1).head = tables.at(-1).rows.pop();
        break;
      case 'inline': {
        const line = lineOf(token.children ?? []);
        if (before?.type === 'heading_open') add({ kind: 'heading', level: Number(before.tag.slice(1)), line });
        else if (before?.type === 'paragraph_open') add({ kind: 'paragraph', line });
        else tables.at(-1).rows.at(-1).push(line);
        break;
      }
      case 'fence':
      case 'code_block':
        add({ kind: 'code', text: token.content.replace(/\n$/, '') });
        break;
      case 'hr':
        add({ kind: 'rule' });
        break;
    }
    before = token;
  }
  return blocks;
}
function lineOf(tokens) {
  const line = [];
  let link;
  let [bold, italic] = [0, 0];
  const add = (text, isCode = false) => {
    if (text === '') return;
    const into = link?.line ?? line;
    const words = {
      text,
      ...(isCode && { isCode }),
      ...(bold > 0 && { isBold: true }),
      ...(italic > 0 && { isItalic: true }),
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
      link = ON_THE_WEB.test(href) ? { href, line: [] } : undefined; // the reader takes an empty one for a link
      if (link !== undefined) line.push(link);
    } else if (token.type === 'link_close') {
      if (link?.line.length === 0) link.line.push({ text: link.href });
      link = undefined;
    } else if (token.type === 'softbreak' || token.type === 'hardbreak') add(' ');
    else add(token.content, token.type === 'code_inline'); // of a picture its description: nothing is loaded
  }
  return line;
}
function isAlike(one, other) {
  return one.isCode === other.isCode && one.isBold === other.isBold && one.isItalic === other.isItalic;
}
