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

  await shoot('sign-in', 'sign-in');
  await shoot('map-day', '/');
  await demo.cli('simulator', 'cut', 'palattae--kahu');
  await demo.until((status) => status.sites.unreachable === 20, 20_000);
  await shoot('map-cut', '/?cause=palattae--kahu');
  await shoot('map-night', '/', { theme: 'dark' });
  await shoot('map-phone', '/', { width: 390, height: 844 });
  await shoot('map-phone-cause', '/?cause=palattae--kahu', { width: 390, height: 844 });
  await shoot('map-services', '/?service=all');
  await shoot('services', '/services/e-planning');
  await shoot('reports', '/reports');
  await shoot('device', '/devices/rtr-palattae-01');
  await shoot('device-night', '/devices/rtr-palattae-01', { theme: 'dark' });
  await shoot('devices', '/devices');
  await shoot('sites', '/sites');
  await shoot('wall', '/wall', { width: 3840, height: 2160 });
} finally {
  await browser.close();
  await demo.remove();
}
