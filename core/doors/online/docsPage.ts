import { createHash } from 'node:crypto';
import type { HttpResponse } from './http.ts';

/**
 * A page for trying the models. It requests `openapi.json` and `v1/models` next to it, and loads nothing from elsewhere.
 */

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d0d4da, #3a4048); --soft: light-dark(#f4f5f7, #1d2126); --accent: light-dark(#0b63ce, #6cb0ff); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; } p { margin: .25rem 0 1rem; }
label { display: block; font-weight: 600; margin: .75rem 0 .25rem; }
select, textarea, input, button { font: inherit; width: 100%; padding: .5rem; border: 1px solid var(--line); border-radius: .375rem; background: Canvas; color: CanvasText; }
textarea, pre { font: 13px/1.45 ui-monospace, monospace; } textarea { min-height: 10rem; resize: vertical; }
button { background: var(--accent); border-color: var(--accent); color: Canvas; font-weight: 600; margin-top: 1rem; cursor: pointer; }
button:disabled { opacity: .6; cursor: progress; } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .375rem; margin: 0; max-height: 28rem; overflow: auto; padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.pair { display: grid; gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); }
img { border: 1px solid var(--line); image-rendering: pixelated; margin-top: .5rem; max-height: 8rem; min-height: 4rem; }`;

const SCRIPT = `
const at = (id) => document.getElementById(id);
const [model, key, image, picture, body, send, said, curl] = ['model', 'key', 'image', 'picture', 'body', 'send', 'said', 'curl'].map(at);
const keyHeader = () => (key.value === '' ? {} : { 'x-api-key': key.value });
const path = () => 'v1/models/' + encodeURIComponent(model.value) + '/predictions';
const quoted = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'";
function tell() {
  const file = image.files[0];
  picture.hidden = file === undefined;
  if (file !== undefined) picture.src = URL.createObjectURL(file);
  body.disabled = file !== undefined;
  const withKey = key.value === '' ? '' : " -H 'x-api-key: …'";
  const url = new URL(path(), location.href).href;
  curl.textContent = file === undefined
    ? 'curl ' + url + withKey + " -H 'content-type: application/json' -d " + quoted(body.value.trim())
    : 'curl ' + url + withKey + ' -H ' + quoted('content-type: ' + (file.type || 'application/octet-stream')) + ' --data-binary @' + quoted(file.name);
}
async function ask() {
  const file = image.files[0];
  send.disabled = true;
  said.textContent = 'Asking …';
  const started = performance.now();
  try {
    const type = file === undefined ? 'application/json' : file.type || 'application/octet-stream';
    const response = await fetch(path(), { method: 'POST', headers: { 'content-type': type, ...keyHeader() }, body: file ?? body.value });
    const text = await response.text();
    const took = Math.round(performance.now() - started) + ' ms';
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    said.textContent = response.status + ' ' + response.statusText + ', ' + took + '\\n\\n' + shown;
  } catch (error) {
    said.textContent = 'There was no answer: ' + error.message;
  }
  send.disabled = false;
}
async function load() {
  const { info, paths } = await (await fetch('openapi.json')).json();
  at('about').textContent = info.description;
  const example = paths['/v1/models/{model}/predictions'].post.requestBody.content['application/json'].example;
  if (example !== undefined) body.value = JSON.stringify(example, null, 1);
  await models();
}
async function models() {
  const response = await fetch('v1/models', { headers: keyHeader() });
  if (!response.ok) { said.textContent = (await response.json()).detail; return; }
  model.replaceChildren();
  for (const { name, version } of (await response.json()).models) model.add(new Option(name + ' ' + version, name));
  said.textContent = 'Nothing asked yet.';
  tell();
}
for (const one of [model, image, body]) one.addEventListener('input', tell);
key.addEventListener('change', models);
at('ask').addEventListener('submit', (event) => { event.preventDefault(); void ask(); });
void load();`;

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Swath: predictions</title><style>${STYLE}</style></head>
<body>
<h1>Swath: predictions</h1>
<p>Ask a published model. All that is here is described in <a href="openapi.json">openapi.json</a>.</p>
<p id="about"></p>
<form id="ask">
<div class="pair"><div><label for="model">Model</label><select id="model"></select></div>
<div><label for="key">Key, where one is asked for</label><input id="key" type="password" autocomplete="off"></div></div>
<label for="image">An image of one chip</label><input id="image" type="file"><img id="picture" alt="The chosen image" hidden>
<label for="body">Or JSON</label><textarea id="body" spellcheck="false">{"inputs": []}</textarea>
<button id="send">Predict</button>
</form>
<h2>Answer</h2><pre id="said" role="status" tabindex="0">Loading …</pre>
<h2>The same with curl</h2><pre id="curl" tabindex="0"></pre>
<script>${SCRIPT}</script>
</body>
</html>
`;

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const DOCS_PAGE: HttpResponse = {
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': `default-src 'none'; script-src ${sha256(SCRIPT)}; style-src ${sha256(STYLE)}; connect-src 'self'; img-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  },
  body: PAGE,
};
