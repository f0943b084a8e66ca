import type { Browser, Page } from 'playwright-core';
import { axe, launch, openPage, signIn } from '../../support/browser.ts';
import { demoPassword, type Demo } from '../../support/demo.ts';
import { peer } from '../../support/peers.ts';

const shots = process.env['ARUNG_SHOTS'];
const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** The console in a browser that stays open through a fault; on a page without a map, which would cost a core. */
export class Screen {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  /** Null where there is no Chromium. */
  static async open(demo: Demo): Promise<Screen | null> {
    const program = peer('chromium');
    if (program === null) return null;
    const browser = await launch(program);
    const context = await browser.newContext({ viewport: desk, locale: 'id-ID' });
    const { page } = await openPage(context);
    await signIn(page, demo.url, demoPassword);
    await page.goto(`${demo.url}/devices`);
    await page.locator('tbody tr').first().waitFor({ timeout: 60_000 });
    return new Screen(browser, page);
  }

  /** What the status line above the page says of Arung itself; empty when all is well. */
  async says(): Promise<string> {
    return (await this.#page.getByRole('status', { name: 'Gangguan pada Arung sendiri' }).innerText()).trim();
  }

  axe(): Promise<readonly string[]> {
    return axe(this.#page);
  }

  /** Keeps pictures for a person to look at, on a desk and on a phone, where `ARUNG_SHOTS` names a folder. */
  async shoot(name: string): Promise<void> {
    if (shots === undefined) return;
    for (const size of [desk, phone]) {
      await this.#page.setViewportSize(size);
      await this.#page.screenshot({ path: `${shots}/${name}-${size.width}.png` });
    }
    await this.#page.setViewportSize(desk);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}
