import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { patient, type Screen } from './screen.ts';

/** Channels by form and test button, and the words of messages with their preview. */
export function channelTests(at: () => Screen): void {
  describe('channels', () => {
    it('are added by the form of their kind, and tested for good and bad', async () => {
      const screen = at();
      await screen.open('/settings/channels');
      await screen.button('Tambah saluran').click();
      const form = screen.dialog('Tambah saluran');
      await form.getByLabel('Jenis').selectOption('webhook');
      await form.getByLabel('Nama').fill('Pusat data');
      await form.getByLabel('Alamat', { exact: true }).fill(screen.webhookUrl);
      await form.getByLabel('Kunci tanda tangan', { exact: true }).fill('kunci-yang-cukup-panjang');
      await form.getByText('Kosong: 600, seperti biasa untuk jenis ini').waitFor();
      await form.getByLabel('Pesan per menit, paling banyak').fill('30');
      expect(await axe(screen.page)).toEqual([]);
      await form.getByRole('button', { name: 'Simpan' }).click();
      await screen.row('Pusat data').getByText('30 per menit').waitFor();
      await screen.row('Pusat data').getByRole('button', { name: 'Uji' }).click();
      const test = screen.dialog('Uji Pusat data');
      await test.getByRole('button', { name: 'Kirim pesan uji' }).click();
      await test.getByText('Diterima saluran dalam').waitFor();
      expect(screen.receiver.calls).toHaveLength(1);
      screen.receiver.answer = () => 401;
      await test.getByRole('button', { name: 'Kirim pesan uji' }).click();
      await test.getByText('menjawab 401. Periksa token atau kata sandi saluran ini.').waitFor();
      screen.receiver.answer = () => 200;
      expect(await axe(screen.page)).toEqual([]);
      await screen.page.keyboard.press('Escape');
    });

    it('keep their secret when something else is changed, and never show it', async () => {
      const screen = at();
      await screen.row('Pusat data').getByRole('button', { name: 'Ubah' }).click();
      const form = screen.dialog('Pusat data');
      const secret = form.getByLabel('Kunci tanda tangan', { exact: true });
      expect(await secret.inputValue()).toBe('');
      expect(await secret.getAttribute('placeholder')).toContain('tersimpan');
      await form.getByLabel('Nama').fill('Pusat data 2');
      await form.getByLabel('Pesan per menit, paling banyak').fill('');
      await form.getByRole('button', { name: 'Simpan' }).click();
      await screen.row('Pusat data 2').getByText('600 per menit').waitFor();
      await screen.row('Pusat data 2').getByRole('button', { name: 'Uji' }).click();
      await screen.dialog('Uji Pusat data 2').getByRole('button', { name: 'Kirim pesan uji' }).click();
      await screen.dialog('Uji Pusat data 2').getByText('Diterima saluran dalam').waitFor();
      expect(await screen.page.content()).not.toContain('kunci-yang-cukup-panjang');
      await screen.page.keyboard.press('Escape');
    });

    it('ask for the secret again before they talk to another server, and are removed by name', async () => {
      const screen = at();
      await screen.row('Pusat data 2').getByRole('button', { name: 'Ubah' }).click();
      const form = screen.dialog('Pusat data 2');
      await form.getByLabel('Alamat', { exact: true }).fill('http://127.0.0.1:9/lain');
      await form.getByRole('button', { name: 'Simpan' }).click();
      await form.getByText('ketik ulang rahasianya').waitFor();
      await form.getByRole('button', { name: 'Hapus', exact: true }).click();
      await form.getByText('Rahasianya ikut hilang').waitFor();
      await form.getByRole('button', { name: 'Hapus Pusat data 2' }).click();
      await screen.row('Pusat data 2').waitFor({ state: 'detached' });
    });
  });

  it('words of messages are tried while they are written, refused where nobody knows them, and taken back', async () => {
    const screen = at();
    await screen.open('/settings/messages');
    const preview = screen.page.getByRole('region', { name: 'Pratinjau' });
    await preview.getByText('Sambungan palattae–kahu putus').waitFor();
    const area = screen.page.getByLabel('Templat', { exact: true });
    expect(await area.inputValue()).toMatch(/^\{title\}\n/);
    await area.fill('Tolong: {cause}\n{impact}');
    await preview.getByText('Tolong: Sambungan palattae–kahu putus').waitFor();
    await area.fill('Halo {nama}');
    await screen.page.getByText('Isian nama tidak dikenal.').waitFor();
    expect(await screen.button('Simpan templat').isDisabled()).toBe(true);
    expect(await axe(screen.page)).toEqual([]);
    await area.fill('Tolong: {cause}\n{impact}');
    await expect.poll(() => screen.button('Simpan templat').isEnabled(), patient).toBe(true);
    await screen.button('Simpan templat').click();
    await screen.button(/Insiden baru\s*diubah/).waitFor();
    await screen.button('Kembali ke bawaan').click();
    await screen.button(/Insiden baru\s*bawaan/).waitFor();
    expect(await area.inputValue()).toMatch(/^\{title\}\n/);
  });
}
