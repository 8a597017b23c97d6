import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import type axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** As long as Playwright waits. */
const PATIENCE_MILLISECONDS = 30_000;

export type WatchedPage = { page: Page; errors: string[]; foreign: string[]; close: () => Promise<void> };

/** A page of its own session, which notes errors in the browser's console and requests that leave the loopback. */
export async function openPage(browser: Browser, url: string): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  const errors: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('dialog', (dialog) => errors.push(`a dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin && !request.url().startsWith('data:'))
      foreign.push(request.url());
  });
  const close = async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' }); // a request may be on its way still
    await context.close();
  };
  return { page, errors, foreign, close };
}

/** Waits until an expression holds in the page. Playwright's own way evaluates text in the page, which its policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  const start = performance.now();
  while (!(await page.evaluate(expression))) {
    if (performance.now() - start > PATIENCE_MILLISECONDS) throw new Error(`it never came to this: ${expression}`);
    await setTimeout(50);
  }
}

/**
 * What axe-core finds on the page as it is, but for what is minor, each with the place. https://github.com/dequelabs/axe-core
 *
 * @param rule the only one to look by; all, where none is named
 */
export async function findingsOn(page: Page, rule?: string): Promise<string[]> {
  // What is there while other answers are on their way is faded, and its colours are none that are meant to be read.
  await until(
    page,
    `document.querySelector('[aria-busy="true"]') === null && document.getAnimations().every((one) => !(one instanceof CSSTransition))`,
  );
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(AXE); // not by a script element: the page's policy lets none in
  const options = JSON.stringify(rule === undefined ? {} : { runOnly: [rule] });
  const { violations } = (await page.evaluate(`axe.run(${options})`)) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** By how many pixels the page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
}
