import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import type { Opened } from './opened.ts';

/** The log of who changed what, searched as somebody does who looks for the change before an outage. */
export function auditTests(opened: () => Opened): void {
  describe('the audit log', () => {
    it('is narrowed by what it is about, and shows before and after and why', async () => {
      const { demo, page } = opened();
      const changed = await demo.call('PATCH', '/api/v1/sites/kec-kahu?reason=kunci%20pindah', {
        accessNotes: 'Kunci sekarang di pos jaga.',
      });
      expect(changed.status).toBe(200);
      await page.goto(`${demo.url}/settings/audit`);
      const rows = page.locator('main ol > li');
      await rows.first().waitFor({ timeout: 30_000 });
      await page.getByLabel('Tentang').selectOption('site');
      await page.getByLabel('Apa', { exact: true }).selectOption('update');
      await expect.poll(() => rows.count(), { timeout: 15_000 }).toBe(1);
      await rows.first().getByRole('button').click();
      expect(await rows.first().innerText()).toContain('mengubah situs kec-kahu');
      expect(await rows.first().locator('ins').allInnerTexts()).toContain('Kunci sekarang di pos jaga.');
      expect(await rows.first().innerText()).toContain('kunci pindah');
      expect(await axe(page)).toEqual([]);
    });

    it('says that nothing fits, and lets go of all filters at once', async () => {
      const { page } = opened();
      await page.getByLabel('Nama pelaku, persis').fill('tidak-ada');
      await page.getByText('Tidak ada catatan yang cocok.').waitFor({ timeout: 15_000 });
      await page.getByRole('button', { name: 'Hapus saringan' }).first().click();
      await expect.poll(() => page.locator('main ol > li').count(), { timeout: 15_000 }).toBeGreaterThan(1);
    });

    it('proves that nobody changed it', async () => {
      const { page } = opened();
      await page.getByRole('button', { name: 'Periksa keutuhan' }).click();
      await page.getByText(/^Log utuh:/).waitFor({ timeout: 30_000 });
    });
  });
}
