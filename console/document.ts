/** A swath: the strip that a satellite sees on its way. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 16 9 0h6L7 16z' fill='%232f7d6d'/%3E%3C/svg%3E";

/** The only HTML document: the page's script renders into `#app`, and routes by the fragment of the address. */
export const DOCUMENT = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Swath</title>
    <link rel="icon" href="${ICON}">
    <link rel="stylesheet" href="/page.css">
    <script type="module" src="/page.js"></script>
  </head>
  <body>
    <div id="app"></div>
    <noscript>This page needs JavaScript. Without it: npx swath runs.</noscript>
  </body>
</html>
`;
