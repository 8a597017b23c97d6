import { printable } from './printable.ts';

/** HTML whose every part was written by us or escaped. */
export type Html = { readonly html: string };

/** Null, undefined and false render as nothing; lists are concatenated. */
export type Part = string | number | false | null | undefined | Html | readonly Part[];

/** A template of HTML: inserted values are escaped, for elements and quoted attributes, unless they are templates. */
export function html(text: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: String.raw({ raw: text }, ...parts.map(written)) };
}

const REPLACEMENTS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function written(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'object') return 'html' in part ? part.html : part.map(written).join('');
  return printable(String(part)).replace(/[&<>"']/g, (character) => REPLACEMENTS[character]!);
}
