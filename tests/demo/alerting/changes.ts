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
    });
  });
}
