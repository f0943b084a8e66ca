import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { axe, launch, openPage, signIn } from '../support/browser.ts';
import { Demo, demoPassword, everyDevice, postgresServersOn } from '../support/demo.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithPeer } from '../support/peers.ts';
import { processFamily } from '../support/process-family.ts';
import { auditTests } from './console/audit.ts';
import { changeTests } from './console/changes.ts';
import { inventoryTests } from './console/inventory.ts';
import type { Opened } from './console/opened.ts';
import { peopleTests } from './console/people.ts';
import { programTests } from './console/programs.ts';
import { secondFactorTests } from './console/second-factor.ts';

/** The console as its users have it: a real browser, a real controller, real packets. */
describeWithPeer('chromium', 'the console in Chromium', (chromium) => {
  // No program is run from here, whatever is installed on this machine.
  const demo = new Demo({ ARUNG_PULUMI_DIR: '' });
  let syslogPort: number;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    syslogPort = await freePort();
    demo.set({ ARUNG_SYSLOG_HOST: '127.0.0.1', ARUNG_SYSLOG_PORT: String(syslogPort) });
    await demo.start();
    await demo.until((status) => status.devices.up === everyDevice, 90_000);
    browser = await launch(chromium);
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'id-ID' });
    ({ page, problems } = await openPage(context));
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await demo.remove();
  }, 60_000);

  it('shows no state and no link before sign-in', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(demo.url);
    await page.getByRole('heading', { name: 'Masuk' }).waitFor();
    expect(await page.locator('nav.rail').count()).toBe(0);
    const answered = asked.filter((path) => path.startsWith('/api/') && path !== '/api/v1/map/territory');
    expect(answered).toEqual(['/api/v1/session']);
    expect(await axe(page)).toEqual([]);
  });

  it('says a wrong password in Indonesian and how many tries are left', async () => {
    await page.locator('input[autocomplete=username]').fill('admin');
    await page.locator('input[autocomplete=current-password]').fill('salah-sekali');
    await page.locator('button[type=submit]').click();
    await page.getByText('Nama atau kata sandi salah.').waitFor();
  });

  it('signs in and draws the map', async () => {
    await signIn(page, demo.url, demoPassword);
    await page.locator('canvas.maplibregl-canvas').waitFor({ timeout: 30_000 });
    await expect.poll(() => page.locator('nav.strip').innerText(), { timeout: 30_000 }).toMatch(/453/);
    expect(await axe(page)).toEqual([]);
  });

  it('shows a cut link within seconds, live, with its cause', async () => {
    await demo.cli('simulator', 'cut', 'palattae--kahu');
    await page.getByText('Serat Palattae–Kahu putus').first().waitFor({ timeout: 60_000 });
    await expect.poll(() => page.locator('nav.strip').innerText(), { timeout: 60_000 }).toMatch(/20\s*Tak terjangkau/);
    expect(await axe(page)).toEqual([]);
  });

  it('opens a cause that the address names', async () => {
    await page.goto(`${demo.url}/?cause=palattae--kahu`);
    await page.getByRole('heading', { level: 2, name: 'Serat Palattae–Kahu putus' }).waitFor({ timeout: 30_000 });
    // what the places behind it have lost
    await page.locator('.svc').getByText('20 situs').first().waitFor({ timeout: 30_000 });
    await page.locator('canvas.maplibregl-canvas').waitFor({ timeout: 30_000 });
    await page.keyboard.press('Escape');
  });

  it('says in the past that the light is not of now', async () => {
    const before = new Date(Date.parse((await demo.status()).at) - 60_000).toISOString();
    await page.goto(`${demo.url}/?at=${before}`);
    await page.getByText('Anda melihat masa lalu').waitFor({ timeout: 30_000 });
    await page.locator('.top').getByText('Dijeda', { exact: true }).waitFor();
    await page.keyboard.press('End');
    await page
      .locator('.top')
      .getByText(/^Langsung/)
      .waitFor();
  });

  it('says that the map could not be fetched, and comes back by itself', async () => {
    const refused = { status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"busy"}' };
    await page.route('**/api/v1/map', (route) => route.fulfill(refused));
    await page.goto(demo.url);
    await page.getByText('Peta belum dapat diambil').waitFor({ timeout: 30_000 });
    await page.unroute('**/api/v1/map');
    await page.locator('canvas.maplibregl-canvas').waitFor({ timeout: 60_000 });
  });

  it('has the same facts as a table, reached and read by keyboard alone', async () => {
    const twin = page.getByRole('group', { name: 'Peta sebagai tabel' });
    // a second try finds it open where the first left it
    if (!(await twin.isVisible())) await page.keyboard.press('g');
    await twin.waitFor();
    await expect.poll(() => twin.innerText()).toMatch(/Kantor Camat Kahu/);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press('g');
    await twin.waitFor({ state: 'detached' });
  });

  it('shows who lost which service and why, as a layer and as a table', async () => {
    await page.goto(`${demo.url}/?service=e-planning&table=1`);
    const twin = page.getByRole('group', { name: 'Siapa yang mendapat layanan, dan siapa yang tidak' });
    await expect
      .poll(() => twin.innerText(), { timeout: 30_000 })
      .toMatch(/Kantor Camat Kahu[\s\S]*tautan Palattae–Kahu/);
    expect(await axe(page)).toEqual([]);
    await page.goto(`${demo.url}/services/e-planning`);
    await page.getByText('20 dari 453 situs').first().waitFor({ timeout: 30_000 });
    expect(await axe(page)).toEqual([]);
  });

  it('shows the same on a wall, without anything to press', async () => {
    await page.goto(`${demo.url}/wall`);
    await page.getByText('Serat Palattae–Kahu putus').waitFor({ timeout: 30_000 });
    await page.locator('canvas.maplibregl-canvas').waitFor({ timeout: 60_000 });
    await expect.poll(() => page.locator('li.dark').innerText(), { timeout: 30_000 }).toContain('Kahu');
    // cuts are marked by buttons, which here are part of the picture
    const pressed = `[...document.querySelectorAll('button')].filter((one) => one.closest('[inert]') === null).length`;
    expect(await page.evaluate(pressed)).toBe(0);
    expect(await axe(page)).toEqual([]);
  });

  it('says on the wall that the database does not answer, and not as a fault of the network', async () => {
    await page.goto(`${demo.url}/wall`);
    const says = page.getByRole('status', { name: 'Gangguan pada Arung sendiri' });
    const first = page.locator('li.first b');
    await first.filter({ hasText: 'Serat Palattae–Kahu putus' }).waitFor({ timeout: 60_000 });
    const [server = ''] = postgresServersOn(demo.dataDir);
    const stopped = processFamily(Number.parseInt(server, 10));
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    try {
      await expect
        .poll(() => says.innerText(), { timeout: 60_000 })
        .toMatch(/Pemantauan terganggu\. Basis data tidak menjawab sejak /);
      // A desk's band is 36 pixels high; this is read from five metres.
      expect((await says.locator('p').boundingBox())?.height).toBeGreaterThan(40);
      expect(await first.innerText()).toBe('Serat Palattae–Kahu putus');
      expect(await axe(page)).toEqual([]);
    } finally {
      for (const pid of stopped.toReversed()) process.kill(pid, 'SIGCONT');
    }
    await expect.poll(() => says.innerText(), { timeout: 60_000 }).toBe('');
  });

  it('shows a device with its interfaces, charts and events', async () => {
    await page.goto(`${demo.url}/devices/rtr-palattae-01`);
    await page.getByRole('heading', { name: 'rtr-palattae-01' }).waitFor();
    await page.locator('.uplot canvas').first().waitFor({ timeout: 20_000 });
    await page.getByText('sfp-sfpplus4').first().waitFor();
    expect(await axe(page)).toEqual([]);
    await demo.cli('simulator', 'restore', 'palattae--kahu');
  });

  it.each(['/sites', '/devices', '/links', '/events', '/reports', '/inventory', '/settings'])(
    'has nothing for axe on %s',
    async (path) => {
      await page.goto(demo.url + path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForTimeout(1500);
      expect(await axe(page)).toEqual([]);
    },
  );

  it('speaks English when asked', async () => {
    await page.goto(`${demo.url}/sites`);
    await page.getByRole('heading', { level: 1, name: 'Situs' }).waitFor();
    await page.keyboard.press('l');
    await page.getByRole('heading', { level: 1, name: 'Sites' }).waitFor();
    await page.keyboard.press('l');
    await page.getByRole('heading', { level: 1, name: 'Situs' }).waitFor();
  });

  const opened = (): Opened => ({ demo, syslogPort, browser, page, problems });
  inventoryTests(opened);
  auditTests(opened);
  peopleTests(opened);
  programTests(opened);
  changeTests(opened);
  secondFactorTests(opened);

  it('works on a phone', async () => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'id-ID', hasTouch: true });
    const { page: small } = await openPage(phone, problems);
    await signIn(small, demo.url, demoPassword);
    await small.locator('canvas.maplibregl-canvas').waitFor({ timeout: 30_000 });
    const overflow = await small.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await axe(small)).toEqual([]);
    await phone.close();
  });

  it('ran without a script error or a violation of the content policy', () => {
    expect(problems).toEqual([]);
  });
});
