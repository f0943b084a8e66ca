import type { Browser, Page } from 'playwright-core';
import { openPage } from '../../support/browser.ts';
import type { Demo } from '../../support/demo.ts';

/** One running demo, and the browser in which all files of this folder look at it; the administrator is signed in. */
export interface Opened {
  readonly demo: Demo;
  /** Where the demo hears what devices say of themselves: a UDP port of 127.0.0.1. */
  readonly syslogPort: number;
  readonly browser: Browser;
  readonly page: Page;
  /** Script errors and violations of the content policy, of every page. */
  readonly problems: string[];
}

/** A browser of somebody else, in Indonesian. */
export async function someoneElse({ browser, problems }: Opened, size = { width: 1440, height: 900 }): Promise<Page> {
  const context = await browser.newContext({ viewport: size, locale: 'id-ID', reducedMotion: 'reduce' });
  const opened = await openPage(context, problems);
  return opened.page;
}
