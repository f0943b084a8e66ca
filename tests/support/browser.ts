import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Debian's Chromium, headless, with WebGL2 in software. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--enable-unsafe-swiftshader',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      // Only WebGL by the GPU's stand-in: frames of plain pages come at once, also on a busy machine.
      '--disable-gpu-compositing',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** A page that keeps what went wrong in it: script errors and violations of the content policy. */
export async function openPage(
  context: BrowserContext,
  problems: string[] = [],
): Promise<{ page: Page; problems: string[] }> {
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && /Content Security Policy|Refused to|violates/i.test(text)) problems.push(text);
  });
  return { page, problems };
}

export async function signIn(page: Page, url: string, password: string, name = 'admin'): Promise<void> {
  await page.goto(url);
  await page.locator('input[autocomplete=username]').fill(name);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('nav.rail, nav.tabs').first().waitFor({ state: 'visible' });
}

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** WCAG 2 A and AA, 2.1 included; one line a finding. */
export async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const result = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })`,
  )) as AxeResult;
  return result.violations.map((found) => `${found.id}: ${found.nodes[0]?.html ?? ''}`);
}
