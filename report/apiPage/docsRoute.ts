import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { OnlineRoute } from '../../core/doors/online/answer.ts';
import type { HttpResponse } from '../../core/doors/online/http.ts';

/** A page for trying the models. It requests `openapi.json` and `v1/models` next to it, and loads nothing from elsewhere. */
const PAGE = readFileSync(new URL('docs.html', import.meta.url), 'utf8'); // in a bundle stands its text: deployment/artifacts.ts

/** What a policy names the content of an element by that the page has once. */
function digestOf(element: 'script' | 'style'): string {
  const [, content = ''] = new RegExp(`<${element}>(.*)</${element}>`, 's').exec(PAGE) ?? [];
  return `'sha256-${hash('sha256', content, 'base64')}'`;
}

const RESPONSE: HttpResponse = {
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': `default-src 'none'; script-src ${digestOf('script')}; style-src ${digestOf('style')}; connect-src 'self'; img-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  },
  body: PAGE,
};

export const docsRoute: OnlineRoute = { method: 'GET', path: '/docs', reply: () => RESPONSE };
