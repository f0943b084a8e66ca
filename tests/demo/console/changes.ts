import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { someoneElse, type Opened } from './opened.ts';

const phone = { width: 390, height: 844 };

/** What is changed on devices, as people see it who look for the first time. */
export function changeTests(opened: () => Opened): void {
  describe('changes', () => {
    it('says of a device that there is none, apart from what could not be loaded', async () => {
      const { demo, page } = opened();
      await page.goto(`${demo.url}/changes/devices/rtr-nosuch`);
      await page.getByText('Tidak ada perangkat rtr-nosuch').waitFor({ timeout: 30_000 });
      expect(await page.getByRole('button', { name: 'Coba lagi' }).count()).toBe(0);
      expect(await axe(page)).toEqual([]);
      await page.goto(`${demo.url}/changes/4711`);
      await page.getByText('Tidak ada peluncuran 4711').waitFor({ timeout: 30_000 });
      await page.route('**/api/v1/intents/rtr-kahu-01', (route) => route.fulfill({ status: 500, body: '' }));
      await page.goto(`${demo.url}/changes/devices/rtr-kahu-01`);
      await page.getByText('Rancangan tidak dapat diambil').waitFor({ timeout: 30_000 });
      await page.getByRole('button', { name: 'Coba lagi' }).waitFor();
      await page.unroute('**/api/v1/intents/rtr-kahu-01');
    });

    it('has its heading and that it loads at once, whatever is slow', async () => {
      const { demo, page } = opened();
      await page.setViewportSize(phone);
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await page.route(/\/assets\/(ChangesPage|RolloutPage)/, async (route) => (await held, route.continue()));
      await page.goto(`${demo.url}/changes/drift`, { waitUntil: 'commit' });
      await page.getByRole('heading', { name: 'Perubahan' }).waitFor({ timeout: 30_000 });
      await page.getByRole('status', { name: 'Memuat' }).waitFor();
      release();
      await page.getByRole('link', { name: 'Diubah dengan tangan' }).waitFor({ timeout: 30_000 });
      await page.unroute(/\/assets\/(ChangesPage|RolloutPage)/);
      await page.setViewportSize({ width: 1440, height: 900 });
    });

    it('says at a device that a hand has changed it, and leads to what and whose', async () => {
      const { demo, page, syslogPort } = opened();
      const name = 'rtr-libureng-01';
      const tag = page.locator('.tag', { hasText: 'diubah dengan tangan' });
      const server = { name: 'arung', target: 'remote', remote: '127.0.0.1', 'remote-port': String(syslogPort) };
      const fragments = [
        { key: 'catatan', subject: '/system/note', values: { note: 'dari kode' } },
        { key: 'log-arung', subject: '/system/logging/action', values: server },
        { key: 'log-system', subject: '/system/logging', values: { topics: 'system', action: 'arung' } },
      ];
      const staged = await demo.call('PUT', `/api/v1/intents/${name}`, { driver: 'routeros', fragments });
      const { version } = (await staged.json()) as { version: string };
      const started = await demo.post('/api/v1/rollouts', { versions: { [name]: version }, pauseS: 0 });
      const { rollout } = (await started.json()) as { rollout: { id: string } };
      await expect.poll(() => demo.get<{ state: string }>(`/api/v1/rollouts/${rollout.id}`), { timeout: 60_000 }).toMatchObject({ state: 'done' }); // prettier-ignore
      await page.goto(`${demo.url}/devices/${name}`);
      await page.getByRole('heading', { name }).waitFor({ timeout: 30_000 });
      expect(await tag.count()).toBe(0);
      await demo.cli('simulator', 'hand', name, '/system/note/set', 'note=dengan tangan');
      // The router says so itself.
      await tag.waitFor({ timeout: 90_000 });
      expect(await axe(page)).toEqual([]);
      await tag.click();
      await page.waitForURL(`**/changes/devices/${name}`);
      const drift = page.locator('section', { has: page.getByRole('heading', { name: 'Diubah dengan tangan' }) });
      await drift.getByText('note=dengan tangan').waitFor({ timeout: 30_000 });
      await drift.getByText('menurut perangkat diubah oleh admin').waitFor({ timeout: 90_000 });
      expect(await axe(page)).toEqual([]);
      await page.goto(`${demo.url}/changes/drift`);
      const listed = page.locator('section', { has: page.getByRole('heading', { name }) });
      await listed.getByText('menurut perangkat diubah oleh admin').waitFor({ timeout: 30_000 });
      expect(await axe(page)).toEqual([]);
    });

    it('is no blank screen while the program itself is fetched', async () => {
      const { demo } = opened();
      const other = await someoneElse(opened(), phone);
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await other.route(/\.js$/, async (route) => (await held, route.continue()));
      await other.goto(`${demo.url}/changes/drift`, { waitUntil: 'commit' });
      await other.getByText('Memuat').waitFor({ timeout: 30_000 });
      release();
      await other.getByRole('heading', { name: 'Masuk' }).waitFor({ timeout: 30_000 });
      expect(await other.locator('.starting').count()).toBe(0);
      await other.context().close();
    });

    it('labels the counts of rules, and lets values be exported, on a phone', async () => {
      const { demo, page } = opened();
      await page.setViewportSize(phone);
      await page.goto(`${demo.url}/changes/compliance`);
      const rule = page.getByRole('row').filter({ hasText: 'Telnet mati' });
      await rule.waitFor({ timeout: 60_000 });
      for (const label of ['Melanggar', 'Sesuai', 'Diterima', 'Tak diketahui']) {
        const cell = rule.locator(`td[data-label="${label}"]`);
        expect(await cell.isVisible()).toBe(true);
        const shown = `getComputedStyle(document.querySelector('td[data-label="${label}"]'), '::before').content`;
        expect(await page.evaluate(shown)).toContain(label);
      }
      expect(await axe(page)).toEqual([]);
      await page.goto(`${demo.url}/changes/variables`);
      await page.getByRole('link', { name: 'Ekspor CSV' }).waitFor({ timeout: 30_000 });
      await page.setViewportSize({ width: 1440, height: 900 });
    });
  });
}
