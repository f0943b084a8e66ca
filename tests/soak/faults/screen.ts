import type { Browser, Page } from 'playwright-core';
import { axe, launch, openPage, signIn } from '../../support/browser.ts';
import { demoPassword, type Demo } from '../../support/demo.ts';
import { peer } from '../../support/peers.ts';

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
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'id-ID' });
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

  close(): Promise<void> {
    return this.#browser.close();
  }
}
