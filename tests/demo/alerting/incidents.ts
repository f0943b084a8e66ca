import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { patient, type Screen } from './screen.ts';

/** Incidents by keyboard, and the inbox. */
export function incidentTests(at: () => Screen): void {
  describe('incidents by keyboard', () => {
    it('go down and up by j and k, are taken by a and muted by s', async () => {
      const screen = at();
      await expect.poll(async () => (await screen.incidents()).length, patient).toBeGreaterThan(0);
      await screen.open('/incidents');
      const chosen = screen.page.locator('a[aria-current=true]');
      await screen.page.locator('a[id^=incident-]').first().waitFor();
      await screen.page.keyboard.press('j');
      await chosen.waitFor();
      const first = await chosen.getAttribute('id');
      await screen.page.keyboard.press('j');
      await screen.page.keyboard.press('k');
      expect(await chosen.getAttribute('id')).toBe(first);
      const taken = async () => (await screen.incidents()).find(({ id }) => `incident-${id}` === first);
      await screen.page.keyboard.press('a');
      await expect.poll(async () => (await taken())?.takenBy !== null, patient).toBe(true);
      await screen.page.keyboard.press('s');
      const mute = screen.dialog(/^Bisukan INS-/);
      expect(await axe(screen.page)).toEqual([]);
      await mute.getByRole('button', { name: 'Bisukan' }).click();
      await expect.poll(async () => (await taken())?.silence !== null, patient).toBe(true);
      expect(await axe(screen.page)).toEqual([]);
    });
  });

  it('shows the one message in the inbox', async () => {
    const screen = at();
    await screen.open('/inbox');
    await screen.page.getByRole('heading', { name: /Palattae–Kahu/ }).waitFor(patient);
    expect(await axe(screen.page)).toEqual([]);
  });
}
