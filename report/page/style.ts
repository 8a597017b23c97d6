import { readFileSync } from 'node:fs';
import type { Html } from '../../core/base/text/html.ts';

/** The page's own style. In a bundle stands the text of the file: deployment/artifacts.ts. */
export const STYLE: Html = { html: readFileSync(new URL('style.css', import.meta.url), 'utf8') };
