import { printable } from './printable.ts';

/** HTML whose every part was written by us or escaped. */
export type Html = { readonly html: string };

type Part = string | number | Html | Html[];

/**
 * A template of HTML: what is put in is text, in an element or in a quoted attribute, unless it is such a template.
 *
 * @example html`<td title="${file}">${file}</td>`
 */
export function html(text: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: String.raw({ raw: text }, ...parts.map(written)) };
}

const REPLACEMENTS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function written(part: Part): string {
  if (Array.isArray(part)) return part.map(written).join('');
  if (typeof part === 'object') return part.html;
  return printable(String(part)).replace(/[&<>"']/g, (character) => REPLACEMENTS[character]!);
}
