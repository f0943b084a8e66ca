import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, signIn } from '../tests/support/browser.ts';
import { Demo, demoPassword } from '../tests/support/demo.ts';
import { peer } from '../tests/support/peers.ts';

/** `npm run screenshots`: starts a demo, lets it gather a few minutes, cuts a link and takes the pictures of docs/images. */
const folder = join(import.meta.dirname, '../docs/images');
const gatherMs = Number(process.argv[2] ?? 240) * 1000;

const chromium = peer('chromium');
if (chromium === null) {
  console.error("The pictures need Debian's chromium: run `npm run peers` first.");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const demo = new Demo();
await demo.start();
const browser = await launch(chromium);
try {
  await demo.until((status) => status.devices.up === 1524, 120_000);
  console.log(`everything is up; gathering ${gatherMs / 1000} s of points`);
  await new Promise((done) => setTimeout(done, gatherMs));

  const shoot = async (
    name: string,
    path: string,
    options: { theme?: 'light' | 'dark'; width?: number; height?: number } = {},
  ): Promise<void> => {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      locale: 'id-ID',
      colorScheme: options.theme ?? 'light',
    });
    const page = await context.newPage();
    if (path === 'sign-in') await page.goto(demo.url);
    else {
      await signIn(page, demo.url, demoPassword);
      await page.goto(demo.url + path);
    }
    if (path.startsWith('/?') || path === '/' || path === '/wall')
      await page.waitForSelector('[data-drawn="true"]', { timeout: 120_000 });
    await page.waitForTimeout(path.startsWith('/?') ? 3000 : 9000); // charts are drawn later than tables
    await page.screenshot({ path: join(folder, `${name}.png`), timeout: 120_000 });
    await context.close();
    console.log(`${name}.png`);
  };

  /** The technician's page, opened from the inbox of whoever is on duty. */
  const shootPhone = async (name: string, theme: 'light' | 'dark'): Promise<void> => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      locale: 'id-ID',
      colorScheme: theme,
    });
    const page = await context.newPage();
    await signIn(page, demo.url, demoPassword);
    const inbox = await page.request.get(`${demo.url}/api/v1/inbox`);
    const { items } = (await inbox.json()) as { items: readonly { link: string | null }[] };
    const link = items.find((message) => message.link !== null)?.link;
    if (link === undefined || link === null) throw new Error('no message of the cut is in the inbox');
    await page.goto(link);
    await page.waitForTimeout(5000);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await context.close();
    console.log(`${name}.png`);
  };

  await shoot('sign-in', 'sign-in');
  await shoot('map-day', '/');
  await demo.cli('simulator', 'cut', 'palattae--kahu');
  await demo.until((status) => status.sites.unreachable === 20, 20_000);
  await shoot('map-cut', '/?cause=palattae--kahu');
  await shoot('incidents', '/incidents');
  await shoot('incident', '/incidents/INS-1');
  await shoot('incident-night', '/incidents/INS-1', { theme: 'dark' });
  await shootPhone('phone-incident', 'light');
  await shootPhone('phone-incident-night', 'dark');
  await shoot('map-night', '/', { theme: 'dark' });
  await shoot('map-phone', '/', { width: 390, height: 844 });
  await shoot('map-phone-cause', '/?cause=palattae--kahu', { width: 390, height: 844 });
  await shoot('map-services', '/?service=all');
  await shoot('services', '/services/e-planning');
  await shoot('reports', '/reports');
  await shoot('device', '/devices/rtr-palattae-01');
  await shoot('device-night', '/devices/rtr-palattae-01', { theme: 'dark' });
  await shoot('rules', '/rules');
  await shoot('duty', '/duty');
  await shoot('devices', '/devices');
  await shoot('sites', '/sites');
  await shoot('wall', '/wall', { width: 3840, height: 2160 });
} finally {
  await browser.close();
  await demo.remove();
}
