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
