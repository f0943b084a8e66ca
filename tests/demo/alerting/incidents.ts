import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { patient, type Screen } from './screen.ts';

/** Incidents by keyboard, and the inbox. */
export function incidentTests(at: () => Screen): void {
  describe('incidents by keyboard', () => {
    it('go down and up by j and k, are taken by a and muted by s', async () => {
      const screen = at();
      // Told before it is muted: nobody is told of what is.
      const messages = async () => (await screen.asked<{ items: readonly object[] }>('/api/v1/inbox')).items.length;
      await expect.poll(messages, patient).toBeGreaterThan(0);
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

  it('fits a phone: no box is wider than the screen or lies over another, and axe finds nothing', async () => {
    const screen = at();
    const { page } = screen;
    const [incident] = await screen.incidents();
    await page.setViewportSize({ width: 390, height: 844 });
    try {
      const duty = ['/duty', '/duty/people', '/duty/teams', '/duty/silences'];
      const settings = ['/settings/channels', '/settings/messages'];
      for (const path of [`/incidents/${incident?.name}`, '/incidents', ...duty, '/inbox', ...settings, '/rules']) {
        await screen.open(path);
        await page.locator('.box').first().waitFor();
        await expect.poll(async () => badBoxes(await boxesOf(screen)), { message: path, timeout: 10_000 }).toEqual([]);
        expect(await axe(page), path).toEqual([]);
      }
    } finally {
      await page.setViewportSize({ width: 1440, height: 900 });
    }
  });
}

interface Box {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The boxes of a page, in its own coordinates. */
function boxesOf({ page }: Screen): Promise<readonly Box[]> {
  return page.evaluate(`[...document.querySelectorAll('main .box')].map((box) => {
    const { left, right, top, bottom } = box.getBoundingClientRect();
    return { name: box.textContent.trim().slice(0, 30), left, right, top, bottom };
  })`);
}

/** Those that reach beyond the screen, or lie over another. */
function badBoxes(boxes: readonly Box[]): readonly string[] {
  const isOver = (one: Box, other: Box): boolean =>
    one.left < other.right - 1 &&
    other.left < one.right - 1 &&
    one.top < other.bottom - 1 &&
    other.top < one.bottom - 1;
  const wide = boxes.filter(({ left, right }) => left < 0 || right > 390.5).map(({ name }) => `wide: ${name}`);
  const over = boxes.flatMap((one, index) =>
    boxes.slice(index + 1).flatMap((other) => (isOver(one, other) ? [`${one.name} over ${other.name}`] : [])),
  );
  return [...wide, ...over];
}
