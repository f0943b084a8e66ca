import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import type { Screen } from './screen.ts';

/** People, teams, duties and silences. */
export function dutyTests(at: () => Screen): void {
  describe('duty', () => {
    it('has people who are linked to an account, changed and removed in a dialog', async () => {
      const screen = at();
      await screen.open('/duty/people');
      await screen.button('Tambah orang').click();
      const form = screen.dialog('Tambah orang');
      await form.getByLabel('Nama', { exact: true }).fill('Zainal Uji');
      const account = form.getByLabel('Akun konsol');
      await account.selectOption({ label: 'admin' });
      expect(await axe(screen.page)).toEqual([]);
      await form.getByRole('button', { name: 'Simpan' }).click();
      await form.getByText('Satu pengguna mewakili satu orang').waitFor();
      await account.selectOption({ label: 'Tanpa akun' });
      await form.getByRole('button', { name: 'Simpan' }).click();
      await screen.row('Zainal Uji').getByRole('button', { name: 'Ubah' }).click();
      const known = screen.dialog('Zainal Uji');
      expect(await known.getByLabel('Akun konsol').inputValue()).toBe('');
      await known.getByRole('button', { name: 'Hapus', exact: true }).click();
      await known.getByRole('button', { name: 'Hapus Zainal Uji' }).click();
      await screen.row('Zainal Uji').waitFor({ state: 'detached' });
    });

    it('has teams, duties and silences, each made and taken away', async () => {
      const screen = at();
      await screen.open('/duty/teams');
      await screen.button('Tambah tim').click();
      await screen.dialog('Tambah tim').getByLabel('Nama', { exact: true }).fill('Tim uji');
      expect(await axe(screen.page)).toEqual([]);
      await screen.dialog('Tambah tim').getByRole('button', { name: 'Simpan' }).click();
      await screen.row('Tim uji').getByRole('button', { name: 'Ubah' }).click();
      await screen.dialog('Tim uji').getByRole('button', { name: 'Hapus' }).click();
      await screen.row('Tim uji').waitFor({ state: 'detached' });

      await screen.open('/duty');
      await screen.button('Tambah jaga').click();
      const duty = screen.dialog('Tambah jaga');
      await duty.getByLabel('Orang').selectOption({ index: 1 });
      await duty.getByLabel('Catatan').fill('jaga uji');
      expect(await axe(screen.page)).toEqual([]);
      await duty.getByRole('button', { name: 'Simpan' }).click();
      const bar = screen.page.locator('button.duty', { hasText: 'jaga uji' });
      await bar.click();
      await screen.page.getByRole('dialog').getByRole('button', { name: 'Hapus' }).click();
      await bar.waitFor({ state: 'detached' });

      await screen.open('/duty/silences');
      await screen.button('Senyapkan').first().click();
      const silence = screen.dialog('Senyapkan');
      await silence.getByLabel('Nilai, dipisah koma').fill('rtr-mare-01');
      await silence.getByLabel('Alasan').fill('senyap uji');
      expect(await axe(screen.page)).toEqual([]);
      await silence.getByRole('button', { name: 'Senyapkan' }).click();
      await screen.row('senyap uji').getByRole('button', { name: 'Akhiri sekarang' }).click();
      await screen.row('senyap uji').waitFor({ state: 'detached' });
    });
  });
}
