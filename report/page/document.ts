import { type Html, html } from '../../core/base/text/html.ts';
import { STYLE } from './style.ts';

type Document = { title: string; style?: Html; above: string; heading: string; footer?: Html };

/** One HTML file, without scripts or external addresses, so that it opens from an attachment and prints. */
export function htmlDocument({ title, style, above, heading, footer }: Document, main: Html): string {
  const below = footer && html`<footer>${footer}</footer>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<header>
<p>${above}</p>
<h1>${heading}</h1>
</header>
<main>
${main}
</main>
${below}
</body>
</html>
`.html;
}
