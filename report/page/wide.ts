import { type Html, html } from '../../core/html.ts';

/** What may be wider than a phone: it scrolls by itself, with the keyboard as well. */
export function wide(label: string, content: Html): Html {
  return html`<div class="wide together" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}
