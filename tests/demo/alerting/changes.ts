import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { patient, type Screen } from './screen.ts';

const device = 'rtr-mare-01';
const secret = 'kenari-merah-99';
const document = {
  driver: 'routeros',
  fragments: [
    { key: 'tamu', subject: '/queue/simple', values: { name: 'tamu', target: '10.73.7.64/27', 'max-limit': '8M/8M' } },
    {
      key: 'pantau',
      subject: '/snmp/community',
      values: { name: 'pantau', security: 'private', 'encryption-password': secret },
      secret: ['encryption-password'],
    },
  ],
};

/** A router of the demo is configured: the rollout, its differences, and the device among those that are managed. */
export function changeTests(at: () => Screen): void {
  describe('changes', () => {
    it('show a rollout over a router of the demo until it is confirmed, without its secret', async () => {
      const screen = at();
      const { demo, page } = screen;
      await screen.open('/changes');
      await page.getByText('Belum ada peluncuran').waitFor();
      const staged = await demo.call('PUT', `/api/v1/intents/${device}?managedBy=uji`, document);
      expect(staged.status).toBe(200);
      const { version } = (await staged.json()) as { version: string };
      const started = await demo.call('POST', '/api/v1/rollouts', { versions: { [device]: version }, pauseS: 0 });
      expect(started.status).toBe(200);
      await page.getByRole('link', { name: 'Peluncuran 1' }).click(patient);
      await page.getByText('10.73.7.64/27').waitFor(patient);
      await page.getByRole('button', { name: `${device} sesuai` }).waitFor(patient);
      expect(await page.content()).not.toContain(secret);
      expect(await axe(page)).toEqual([]);
      await screen.open('/changes/devices');
      await screen.row(device).getByText('sesuai').waitFor(patient);
      await screen.open('/changes/drift');
      await page.getByText('Semua sesuai').waitFor(patient);
      expect(await axe(page)).toEqual([]);
      // Events say it in sentences, with what belongs into them; the rollout leads to its page.
      await screen.open('/events');
      await page.getByText(`${device} dikonfigurasi oleh peluncuran 1`).waitFor(patient);
      await page.getByText('Peluncuran 1 selesai: 1 perangkat sesuai').waitFor(patient);
      await page.getByRole('link', { name: 'Peluncuran 1' }).first().click();
      await page.waitForURL('**/changes/1');
    });

    it('hold what devices were configured as, compared and found, and what rules make of it', async () => {
      const screen = at();
      const { demo, page } = screen;
      const waits = { timeout: 150_000, interval: 1_000 };
      // Fetched within a minute after the rollout, and judged a moment later.
      const kept = () => demo.get<{ items: object[] }>(`/api/v1/device-backups?device=${device}&q=tamu`);
      await expect.poll(async () => (await kept()).items.length, waits).toBe(1);
      await screen.open(`/changes/history/${device}`);
      await page.getByRole('heading', { name: 'Versi' }).waitFor();
      await page.locator('.diff').getByText('name=tamu').first().waitFor();
      expect(await page.content()).not.toContain(secret);
      expect(await axe(page)).toEqual([]);
      await screen.open('/changes/history?q=10.73.7.64');
      await screen.row(device).getByText('target=10.73.7.64/27').waitFor();
      await screen.open('/changes/compliance');
      await page.getByRole('button', { name: 'Telnet mati', exact: true }).waitFor(patient);
      await page.getByText(/perangkat melanggar aturan/).waitFor(patient);
      expect(await axe(page)).toEqual([]);
    });

    it('come from a template, which says first which devices would get what, and where each fragment comes from', async () => {
      const screen = at();
      const { demo, page } = screen;
      await screen.open('/changes/templates');
      await page.getByRole('link', { name: 'Buat templat' }).click();
      await page.getByLabel('Nama', { exact: true }).fill('antrean');
      await page.getByLabel('Berlaku untuk').selectOption('device');
      await page.getByLabel('Nama perangkat').fill('rtr-cina-01');
      await screen.button('Tambah').click();
      const text = page.getByLabel('Bagian');
      await text.fill('/queue/simple tamu\n  name=tamu\n  target\n');
      await screen.button('Lihat dampaknya').click();
      await page.getByRole('alert').getByText('Tulis nama=nilai').waitFor();
      await text.fill('/queue/simple tamu\n  name=tamu\n  target=10.73.9.64/27\n');
      await screen.button('Lihat dampaknya').click();
      await screen.row('rtr-cina-01').getByText('+ tamu').waitFor();
      expect(await axe(page)).toEqual([]);
      await screen.button('Simpan templat').click();
      await screen.button('Siapkan 1 perangkat').click();
      await screen.row('rtr-cina-01').getByText('belum diluncurkan').waitFor();
      await screen.row('rtr-cina-01').getByRole('link').click();
      await screen.row('tamu').getByRole('link', { name: 'antrean (Perangkat rtr-cina-01)' }).waitFor();
      expect(await axe(page)).toEqual([]);
      const released = await demo.call('DELETE', '/api/v1/intents/rtr-cina-01');
      expect(released.status).toBe(204);
    });

    it('are previewed with a value of a variable, on the map and as a table, before they begin', async () => {
      const screen = at();
      const { demo, page } = screen;
      await screen.open('/changes/variables');
      await screen.button('Beri nilai').click();
      const form = screen.dialog('Beri nilai');
      await form.getByLabel('Nama', { exact: true }).fill('ntp-server');
      await form.getByLabel('Nilai', { exact: true }).fill('10.73.0.1');
      await form.getByRole('button', { name: 'Simpan nilai' }).click();
      await screen.row('ntp-server').getByText('10.73.0.1').waitFor();
      expect(await axe(page)).toEqual([]);
      const values = { enabled: 'yes', servers: '{{variable:ntp-server}}' };
      const fragments = [{ key: 'jam', subject: '/system/ntp/client', values }];
      const staged = await demo.call('PUT', '/api/v1/intents/rtr-tonra-01', { driver: 'routeros', fragments });
      expect(staged.status).toBe(200);
      await screen.open('/changes/new');
      await page.getByRole('button', { name: 'Mulai dengan 1 dari 1 perangkat' }).waitFor();
      await page.getByRole('img', { name: /situs gelap/ }).waitFor();
      expect(await axe(page)).toEqual([]);
      await screen.button('Tabel').click();
      await screen.row('rtr-tonra-01').getByText('Kenari').waitFor();
    });
  });
}
