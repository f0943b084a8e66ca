import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import type { Opened } from './opened.ts';

const header = 'name,site,role,gateway,protocol,address,credential';
/** Line 3 names a site that is not there, line 4 an unknown protocol. */
const wrong = [
  header,
  'ap-uji-01,kec-mare,access-point,false,snmp,127.0.0.1,snmp-bone',
  'ap-uji-02,kec-tidak-ada,access-point,false,snmp,127.0.0.2,snmp-bone',
  'ap-uji-03,kec-mare,access-point,false,telepati,127.0.0.3,snmp-bone',
].join('\n');
const right = [header, 'ap-uji-01,kec-mare,access-point,false,snmp,127.0.0.1,snmp-bone'].join('\n');

/** An operator fills the inventory from a file, and sees whether the device answers. */
export function inventoryTests(opened: () => Opened): void {
  describe('an import', () => {
    const choose = (text: string) =>
      opened()
        .page.locator('input[type=file][accept*=csv]')
        .setInputFiles({ name: 'perangkat-baru.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

    it('says by line and column what is wrong with a file, and imports nothing', async () => {
      const { demo, page } = opened();
      await page.goto(`${demo.url}/inventory`);
      await choose(wrong);
      await page.getByText('Berkas ini tidak dapat diimpor.').waitFor({ timeout: 30_000 });
      const rows = page.getByRole('region', { name: 'Kesalahan dalam berkas' }).locator('tbody tr');
      const told = await rows.allInnerTexts();
      expect(told.map((row) => row.split('\t').slice(0, 2).join(' '))).toEqual(['3 site', '4 protocol']);
      expect(told[0]).toContain('kec-tidak-ada tidak ada.');
      expect(told.join('\n')).not.toMatch(/\b(is|does not|must)\b/);
      expect(await page.getByRole('button', { name: /Terapkan/ }).count()).toBe(0);
      expect(await axe(page)).toEqual([]);
    });

    it('shows what a mended file would do, does it, and the device is in the list', async () => {
      const { demo, page } = opened();
      await choose(right);
      await page.getByRole('region', { name: 'Perubahan' }).getByText('ap-uji-01').waitFor({ timeout: 30_000 });
      expect((await demo.get<{ items: unknown[] }>('/api/v1/devices?q=ap-uji-01')).items).toEqual([]);
      expect(await axe(page)).toEqual([]);
      await page.getByLabel('Alasan').fill('titik akses balai desa');
      await page.getByRole('button', { name: 'Terapkan 1 perubahan' }).click();
      await page.locator('.notice', { hasText: 'Diimpor: 1 dibuat, 0 diubah.' }).waitFor({ timeout: 30_000 });
      await page.getByRole('link', { name: 'Perangkat', exact: true }).click();
      await page.locator('main').getByRole('searchbox').fill('ap-uji');
      await page.getByRole('link', { name: 'ap-uji-01' }).waitFor({ timeout: 15_000 });
    });

    it('finds out by a test why a device does not answer, and says what to do', async () => {
      const { page } = opened();
      await page.getByRole('link', { name: 'ap-uji-01' }).click();
      await page.getByRole('heading', { name: 'ap-uji-01' }).waitFor();
      await page.getByRole('button', { name: 'Uji poll' }).click();
      const alert = page.getByRole('alert');
      await alert
        .getByText(/^ap-uji-01 \(127\.0\.0\.1:161\) menolak: tidak ada yang mendengarkan di UDP 161\./)
        .waitFor();
      expect(await axe(page)).toEqual([]);
    });

    it('says of a device that answers how fast', async () => {
      const { demo, page } = opened();
      await page.goto(`${demo.url}/devices/rtr-mare-01`);
      await page.getByRole('button', { name: 'Uji poll' }).click();
      await page.getByText(/^rtr-mare-01 menjawab dalam [\d.,]+ ms\.$/).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    });
  });
}
