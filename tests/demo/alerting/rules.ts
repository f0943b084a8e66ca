import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { patient, type Screen } from './screen.ts';

/** Rules by form: made, tried, refused, not written over, removed. */
export function ruleTests(at: () => Screen): void {
  describe('rules', () => {
    it('are made by a form that names the key, says what it means, and tries it on the last seven days', async () => {
      const screen = at();
      await screen.open('/rules');
      await screen.button('Tambah aturan').click();
      const form = screen.dialog('Tambah aturan');
      await form.getByRole('textbox', { name: 'Nama', exact: true }).fill('Uplink kecamatan penuh');
      expect(await form.getByLabel('Kunci').inputValue()).toBe('uplink-kecamatan-penuh');
      await form.getByLabel('Pengukuran').selectOption('interface');
      await form.getByText('Bidang ini juga, masing-masing sendiri').first().click();
      await form.getByLabel('Lalu lintas keluar').check();
      await form.getByLabel('Dihitung', { exact: true }).selectOption('speed');
      await form.getByLabel('Batas (%)').fill('85');
      await form.getByLabel('Selesai pada (%)').fill('75');
      await form.getByLabel('Kecamatan', { exact: true }).check();
      await form.getByLabel('Hanya antarmuka yang membawa tautan inventaris').check();
      await form
        .getByText('Lalu lintas masuk, Lalu lintas keluar di atas 85 % dari kecepatannya, selama 5 menit')
        .waitFor();
      expect(await axe(screen.page)).toEqual([]);
      await form.getByRole('button', { name: 'Coba pada 7 hari terakhir' }).click();
      await form.getByRole('heading', { name: /^Akan berlaku \d+ kali/ }).waitFor();
      expect(await axe(screen.page)).toEqual([]);
      await form.getByRole('button', { name: 'Simpan' }).click();
      await screen.row('uplink-kecamatan-penuh').waitFor();
      expect((await screen.rule('uplink-kecamatan-penuh')).rule).toMatchObject({
        condition: { kind: 'threshold', otherFields: ['out_bps'], above: 85, clear: 75, percentOf: 'speed' },
        scope: { siteKinds: ['district'], carriesLink: true },
        forS: 300,
      });
    });

    it('say what the controller refuses, and that a key is taken', async () => {
      const screen = at();
      await screen.button('Tambah aturan').click();
      const form = screen.dialog('Tambah aturan');
      await form.getByRole('textbox', { name: 'Nama', exact: true }).fill('Uplink kecamatan penuh');
      await form.getByLabel('Batas (%)').fill('85');
      await form.getByLabel('Selesai pada (%)').fill('95');
      await form.getByRole('button', { name: 'Simpan' }).click();
      await form.getByRole('alert').filter({ hasText: 'tidak dapat dinilai' }).waitFor();
      await form.getByLabel('Selesai pada (%)').fill('75');
      await form.getByRole('button', { name: 'Simpan' }).click();
      await form.getByText('Sudah ada aturan dengan kunci ini').waitFor();
      expect(await axe(screen.page)).toEqual([]);
      await screen.page.keyboard.press('Escape');
    });

    it('are not written over: what somebody else changed meanwhile is shown, and one of the two is chosen', async () => {
      const screen = at();
      const before = await screen.rule('uplink-kecamatan-penuh');
      await screen.row('uplink-kecamatan-penuh').getByRole('button', { name: 'Ubah' }).click();
      const form = screen.dialog('Uplink kecamatan penuh');
      await form.getByLabel('Batas (%)').fill('90');
      const theirs = { ...before.rule, severity: 'critical' };
      expect((await screen.demo.call('PUT', '/api/v1/alert-rules/uplink-kecamatan-penuh', theirs)).status).toBe(200);
      await form.getByRole('button', { name: 'Simpan' }).click();
      await form.getByText('Aturan ini diubah orang lain sejak dibuka.').waitFor();
      await form.getByText('Milik mereka berbeda dalam: tingkat, syarat.').waitFor();
      expect((await screen.rule('uplink-kecamatan-penuh')).rule).toMatchObject({ severity: 'critical' });
      expect(await axe(screen.page)).toEqual([]);
      await form.getByRole('button', { name: 'Muat milik mereka' }).click();
      await expect.poll(() => form.getByLabel('Tingkat').inputValue(), patient).toBe('critical');
      await form.getByLabel('Batas (%)').fill('90');
      await form.getByRole('button', { name: 'Simpan' }).click();
      await form.waitFor({ state: 'detached' });
      expect((await screen.rule('uplink-kecamatan-penuh')).rule).toMatchObject({
        severity: 'critical',
        condition: { above: 90 },
      });
    });

    it('are removed after a second press', async () => {
      const screen = at();
      await screen.row('uplink-kecamatan-penuh').getByRole('button', { name: 'Ubah' }).click();
      const form = screen.dialog('Uplink kecamatan penuh');
      await form.getByRole('button', { name: 'Hapus', exact: true }).click();
      await form.getByRole('button', { name: 'Hapus Uplink kecamatan penuh' }).click();
      await screen.row('uplink-kecamatan-penuh').waitFor({ state: 'detached' });
    });
  });
}
