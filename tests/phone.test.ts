import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { axe, launch, openPage } from './support/browser.ts';
import { describeWithPeer } from './support/peers.ts';
import { startTestPhone, type TestPhone } from './support/phone.ts';

/** A folder that takes the pictures that are looked at by people. */
const shots = process.env['ARUNG_SHOTS'];
const android =
  'Mozilla/5.0 (Linux; Android 12; SM-A045F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36';
const title = 'Serat Palattae–Kahu putus';

vi.setConfig({ testTimeout: 180_000 });
/** A busy machine takes its time. */
const patient = { timeout: 60_000, interval: 200 };

describeWithPeer('chromium', 'the technician’s page in Chromium', (chromium) => {
  let phone: TestPhone;
  let browser: Browser;
  const opened: BrowserContext[] = [];

  const newPhone = async (scheme: 'light' | 'dark' = 'light') => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      locale: 'id-ID',
      colorScheme: scheme,
      isMobile: true,
      hasTouch: true,
      userAgent: android,
    });
    opened.push(context);
    context.setDefaultTimeout(90_000);
    const { page, problems } = await openPage(context);
    const posts: string[] = [];
    context.on('request', (request) => {
      if (request.method() === 'POST') posts.push(request.postData() ?? '');
    });
    return { context, page, problems, posts };
  };
  const shoot = async (page: Page, name: string) => {
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png` });
  };
  const address = (token = phone.token) => `${phone.url}/i/${token}`;
  const step = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const anew = async (fields: object = {}) => {
    await phone.db.deleteFrom('incident_entries').execute();
    const asNew = { state: 'open', stage: 'new', taken_by: null, taken_at: null, ended_at: null, cleared_at: null };
    await phone.db
      .updateTable('incidents')
      .set({ ...asNew, ...fields } as object)
      .where('id', '=', phone.incident)
      .execute();
  };
  const entries = () => phone.db.selectFrom('incident_entries').selectAll().orderBy('at').execute();
  // What runs in the page is text here: these files know no DOM.
  const worker = (page: Page) => page.evaluate('navigator.serviceWorker.ready.then(() => null)');
  const typeface = (page: Page) =>
    expect
      .poll(() => page.evaluate("[...document.fonts].some(({ status }) => status === 'loaded')"), patient)
      .toBe(true);

  beforeAll(async () => {
    phone = await startTestPhone();
    browser = await launch(chromium);
  }, 240_000);
  afterAll(async () => {
    for (const context of opened) await context.close();
    await browser?.close();
    await phone?.stop();
  }, 60_000);

  it('says what broke, whom it hurts and where to begin, in Indonesian', async () => {
    const { page, problems } = await newPhone();
    await page.goto(address());
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByText('20 desa', { exact: true }).waitFor();
    const facts = await page.locator('dl').innerText();
    expect(facts).toMatch(/Mulai dari\s+POP Palattae, sfp-sfpplus4/);
    expect(facts).toContain('−40,0 dBm, biasanya −14,2');
    expect(await page.getByRole('link', { name: 'Jalan' }).getAttribute('href')).toMatch(/^geo:-4\.\d+,120\.\d+\?q=/);
    expect(await page.getByRole('link', { name: 'Telepon' }).getAttribute('href')).toBe('tel:+6200073080000');
    expect(await axe(page)).toEqual([]);
    // the design's typeface comes with the second time
    await page.reload();
    await page.getByRole('heading', { name: title }).waitFor();
    await typeface(page);
    await shoot(page, 'phone-day');
    expect(problems).toEqual([]);
  });

  it('has nothing that is pressed smaller than a thumb, and nothing wider than the phone', async () => {
    const { page } = await newPhone();
    await page.goto(address());
    await page.getByRole('heading', { name: title }).waitFor();
    const small = await page.evaluate(`
      [...document.querySelectorAll('button, a, summary, input, textarea')].flatMap((each) => {
        const { width, height } = each.getBoundingClientRect();
        return height >= 48 && width >= 48 ? [] : [each.outerHTML.slice(0, 80) + ' ' + width + 'x' + height];
      })`);
    expect(small).toEqual([]);
    expect((await step(page, 'Saya ambil').boundingBox())?.height).toBeGreaterThanOrEqual(60);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  it('comes in less than 50 kB, and is of use over 3G within seconds', async () => {
    const { context, page } = await newPhone();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 600,
      downloadThroughput: 100_000 / 8,
      uploadThroughput: 100_000 / 8,
    });
    let shown = 0;
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (shown += encodedDataLength));
    const sockets = new Set<Socket>();
    const count = (socket: Socket) => sockets.add(socket);
    phone.api.api.server.on('connection', count);
    const began = performance.now();
    await page.goto(address(), { waitUntil: 'commit' });
    await step(page, 'Saya ambil').waitFor();
    const usableMs = performance.now() - began;
    await worker(page);
    await page.waitForTimeout(3000);
    phone.api.api.server.off('connection', count);
    const all = [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    console.log(`phone page: ${shown} bytes until usable after ${usableMs.toFixed(0)} ms at 100 kbit/s and 600 ms;`);
    console.log(`with what it keeps for no signal ${all} bytes`);
    expect(shown).toBeGreaterThan(5_000);
    // all that the server sent, with its headers
    expect(all).toBeGreaterThan(shown);
    expect(all).toBeLessThan(50_000);
    expect(usableMs).toBeLessThan(8_000);
    expect(await page.evaluate('document.fonts.size')).toBe(0);
  });

  it('takes a double press for one press, and goes on step by step', async () => {
    await anew();
    const { page, posts } = await newPhone();
    await page.goto(address());
    await step(page, 'Saya ambil').dblclick();
    await step(page, 'Saya berangkat').waitFor();
    await expect.poll(entries, patient).toHaveLength(1);
    await page.waitForTimeout(1200);
    expect(posts.filter((body) => body.includes('action'))).toHaveLength(1);
    await step(page, 'Saya berangkat').click();
    await step(page, 'Saya di lokasi').waitFor();
    await expect
      .poll(entries, patient)
      .toMatchObject([{ key: 'taken' }, { key: 'stage', arguments: { stage: 'on-the-way' } }]);
    await page.getByText('Mengirim', { exact: false }).waitFor({ state: 'detached' });
    await shoot(page, 'phone-taken');
    expect(await axe(page)).toEqual([]);
  });

  it('works without signal, and sends what was pressed once the phone is back', async () => {
    await anew({ stage: 'on-the-way', taken_by: phone.andi, taken_at: new Date() });
    const { context, page, problems } = await newPhone('dark');
    await page.goto(address());
    await worker(page);
    await page.reload();
    await typeface(page);
    await context.setOffline(true);
    await step(page, 'Saya di lokasi').click();
    await page.getByText('Tanpa sinyal. 1 tindakan dikirim nanti').waitFor();
    await shoot(page, 'phone-night-offline');
    expect(await axe(page)).toEqual([]);
    // closed and opened again, still without signal: nothing is lost
    await page.reload();
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByText('Tanpa sinyal. 1 tindakan dikirim nanti').waitFor();
    await step(page, 'Sudah pulih').waitFor();
    expect(await entries()).toEqual([]);
    await context.setOffline(false);
    await page.getByText('Tanpa sinyal').waitFor({ state: 'detached' });
    await expect.poll(entries, patient).toMatchObject([{ key: 'stage', arguments: { stage: 'on-site' } }]);
    await page.waitForTimeout(1500);
    expect(await entries()).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('sends a photo that is small and says nothing but what it shows', async () => {
    await anew({ stage: 'on-site', taken_by: phone.andi, taken_at: new Date() });
    const { page } = await newPhone();
    await page.goto(address());
    const url = (await page.evaluate(`(() => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [2400, 1200];
      const pen = canvas.getContext('2d');
      for (let x = 0; x < 2400; x += 100) pen.fillRect(x, (x * 7) % 1200, 50, 400);
      return canvas.toDataURL('image/jpeg', 0.9);
    })()`)) as string;
    const plain = Buffer.from(url.split(',')[1] ?? '', 'base64');
    const exif = Buffer.from('Exif\0\0MM\0*GPS -4.9781 120.1207');
    const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
    const buffer = Buffer.concat([plain.subarray(0, 2), head, exif, plain.subarray(2)]);
    await page.locator('input[type=file]').setInputFiles({ name: 'tiang.jpg', mimeType: 'image/jpeg', buffer });
    await expect.poll(entries, patient).toMatchObject([{ key: 'photo' }]);
    const [photo] = await phone.db.selectFrom('incident_photos').selectAll().execute();
    expect(photo?.bytes.includes('GPS')).toBe(false);
    expect(photo?.bytes.includes('Exif')).toBe(false);
    const size = await page.evaluate(`
      createImageBitmap(new Blob([Uint8Array.from(atob('${photo?.bytes.toString('base64')}'), (c) => c.charCodeAt(0))]))
        .then(({ width, height }) => [width, height])`);
    expect(size).toEqual([1600, 800]);
    await page.getByText('mengirim foto').waitFor();
  });

  it('shows hostile text as text, in both languages, and keeps what is being written', async () => {
    await anew({ stage: 'taken', taken_by: phone.andi, taken_at: new Date() });
    const { page, problems } = await newPhone();
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    await page.goto(address());
    const text = '<img src=x onerror=alert(1)> <script>alert(2)</script> **tebal** \u202etxet';
    await page.getByLabel('Tulis catatan').fill(text);
    await page.getByRole('button', { name: 'Kirim catatan' }).click();
    await expect.poll(entries, patient).toMatchObject([{ key: 'comment', body: text }]);
    await page.locator('.log p', { hasText: '**tebal**' }).waitFor();
    expect(await page.locator('.log p').innerText()).toBe(text);
    await page.getByRole('button', { name: 'In English' }).click();
    await page.getByRole('button', { name: 'I am on my way' }).waitFor();
    await page.getByLabel('Write a note').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await axe(page)).toEqual([]);
    expect(dialogs).toBe(0);
    expect(problems).toEqual([]);
  });

  it('says that another has it, that it is over, and that a link is not valid', async () => {
    await anew({ stage: 'on-the-way', taken_by: phone.besse, taken_at: new Date() });
    const { page, problems } = await newPhone();
    await page.goto(address());
    await page.getByText(/^Diambil Besse Tenri, /).waitFor();
    await step(page, 'Saya ambil alih').waitFor();
    await shoot(page, 'phone-other');
    const over = new Date();
    await anew({ state: 'resolved', cleared_at: over, ended_at: over });
    await page.reload();
    await page.getByText(/^Pulih setelah \d+ menit/).waitFor();
    expect(await page.locator('footer button, footer a, dl').count()).toBe(0);
    expect(await axe(page)).toEqual([]);
    await shoot(page, 'phone-over');
    // what was shown of the place is gone from the phone too
    const kept = await page.evaluate(`new Promise((resolve) => {
      indexedDB.open('arung', 1).addEventListener('success', ({ target }) => {
        const count = target.result.transaction('views').objectStore('views').count();
        count.addEventListener('success', () => resolve(count.result));
      });
    })`);
    expect(kept).toBe(0);
    await page.goto(address('A'.repeat(32)));
    await page.getByRole('heading', { name: 'Tautan tidak berlaku' }).waitFor();
    await shoot(page, 'phone-invalid');
    expect(problems).toEqual([]);
    await anew();
  });
});
