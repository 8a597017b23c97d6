import { findBrowser, launch } from './test/browser/browser.ts';
import { openPage, overflow, seriousFindings } from './test/browser/watchedPage.ts';

const [, , url, out, ...hashes] = process.argv;
const browser = await launch(findBrowser()!);
const w = await openPage(browser, url!);
const { page } = w;
for (const spec of hashes) {
  const [name, hash, click] = spec.split('|');
  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 860 });
      await page.goto('about:blank');
      await page.goto(url + hash!);
      await page.waitForTimeout(1500);
      if (click)
        for (const c of click.split(';')) {
          await page.locator(c).first().click();
          await page.waitForTimeout(500);
        }
      if (width === 1280) for (const f of await seriousFindings(page)) console.log(name, scheme, f);
      const o = await overflow(page);
      if (o > 0) console.log(name, width, 'overflow', o);
      await page.screenshot({
        path: `${out}/${name}-${scheme}-${width}.png`,
        fullPage: !click?.includes('scene-place'),
      });
    }
}
console.log(w.troubles, w.foreign);
await browser.close();
