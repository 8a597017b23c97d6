import { type Html, html } from '../../core/base/text/html.ts';
import { STYLE } from '../../report/page/style.ts';

type Page = { title: string; style: Html; above: string; heading: string };

/** One HTML file, without scripts or external addresses. */
export function page({ title, style, above, heading }: Page, main: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}
${style}
</style>
</head>
<body>
<header>
<p>${above}</p>
<h1>${heading}</h1>
</header>
<main>
${main}
</main>
</body>
</html>
`.html;
}
