import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { someoneElse, type Opened } from './opened.ts';

export const ownPassword = 'padi menguning di sawah';
const cuts = ['patimpeng--libureng', 'libureng--camming', 'bengo--libureng'];

/** Invited by the administrator in the console; returns the one-time password that is shown. */
async function invite({ demo, page }: Opened, name: string, role: string, region: string): Promise<string> {
  await page.goto(`${demo.url}/settings/users`);
  await page.getByRole('button', { name: 'Undang pengguna' }).click();
  const dialog = page.getByRole('dialog', { name: 'Undang pengguna' });
  await dialog.getByLabel('Nama pengguna').fill(name);
  await dialog.getByLabel('Peran').selectOption({ label: role });
  await dialog.getByLabel('Wilayah').selectOption({ label: region });
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Undang pengguna' }).click();
  const told = page.getByRole('dialog', { name: `Kata sandi sekali pakai untuk ${name}` });
  const password = await told.locator('.mono').innerText();
  expect(await axe(page)).toEqual([]);
  await told.getByRole('button', { name: 'Sudah saya simpan' }).click();
  await page.getByRole('cell', { name }).waitFor();
  return password;
}

/** Signs in with a one-time password and chooses another, as the console asks before anything else. */
async function chooseOwnPassword(page: Page, url: string, name: string, oneTime: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Nama pengguna').fill(name);
  await page.getByLabel('Kata sandi', { exact: true }).fill(oneTime);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Ganti kata sandi' });
  await dialog.waitFor();
  expect(await page.locator('nav.rail').count()).toBe(0);
  expect(await axe(page)).toEqual([]);
  const fill = async (current: string, next: string): Promise<void> => {
    await dialog.getByLabel('Kata sandi sekarang').fill(current);
    await dialog.getByLabel('Kata sandi baru', { exact: true }).fill(next);
    await dialog.getByLabel('Ulangi kata sandi baru').fill(next);
    await dialog.getByRole('button', { name: 'Ganti kata sandi' }).click();
  };
  const first = dialog.getByLabel('Kata sandi sekarang');
  expect(await first.evaluate((input) => input.matches(':focus'))).toBe(true);
  await fill(oneTime, 'pendek');
  await dialog.getByText('Baru 6 karakter; paling sedikit 12.').waitFor();
  expect(await axe(page)).toEqual([]);
  await fill('bukan yang ini', ownPassword);
  await dialog.getByText('Kata sandi sekarang salah.').waitFor();
  await fill(oneTime, ownPassword);
  await page.locator('nav.rail').waitFor({ timeout: 30_000 });
}

/** What people of lesser rights find in the console. */
export function peopleTests(opened: () => Opened): void {
  describe('a viewer of one kecamatan', () => {
    let page: Page;

    afterAll(async () => {
      for (const link of cuts) await opened().demo.cli('simulator', 'restore', link);
      await page?.context().close();
    });

    it('is invited, and chooses a password before anything else', async () => {
      const oneTime = await invite(opened(), 'wati', 'Pemirsa', 'Bontocani (73.08.01)');
      page = await someoneElse(opened());
      await chooseOwnPassword(page, opened().demo.url, 'wati', oneTime);
    });

    it('sees the sites of that kecamatan, and no other', async () => {
      await expect.poll(() => page.locator('nav.strip').innerText(), { timeout: 30_000 }).toMatch(/Situs\s*12\b/);
      expect(await axe(page)).toEqual([]);
      await page.getByRole('link', { name: 'Situs', exact: true }).click();
      await page.getByRole('link', { name: 'Kantor Camat Bontocani' }).waitFor();
      expect(await page.locator('main').innerText()).not.toMatch(/Libureng|Watampone|Palattae/);
    });

    it('is not offered what it may not do', async () => {
      const { demo } = opened();
      expect(await page.getByRole('link', { name: 'Impor' }).count()).toBe(0);
      await page.goto(`${demo.url}/settings`);
      await page.getByRole('link', { name: 'Saya', exact: true }).waitFor();
      expect(await page.getByRole('link', { name: 'Pengguna', exact: true }).count()).toBe(0);
      await page.goto(`${demo.url}/devices/rtr-bontocani-01`);
      await page.getByRole('heading', { name: 'rtr-bontocani-01' }).waitFor();
      expect(await page.getByRole('button', { name: 'Uji poll' }).count()).toBe(0);
      await page.goto(`${demo.url}/devices/rtr-libureng-01`);
      await page.getByText('Perangkat rtr-libureng-01 tidak ada di wilayah Anda.').waitFor();
      expect(await axe(page)).toEqual([]);
    });

    it('knows of a cause outside its name and since when, and nothing leads there', async () => {
      const { demo } = opened();
      for (const link of cuts) await demo.cli('simulator', 'cut', link);
      await demo.until((status) => status.sites.unreachable >= 12, 90_000);
      await page.goto(`${demo.url}/sites/kec-bontocani`);
      await page.locator('.tag', { hasText: 'Tak terjangkau' }).waitFor({ timeout: 30_000 });
      const why = page.locator('.why');
      expect(await why.innerText()).toMatch(/libureng/i);
      expect(await why.locator('a, .meter').count()).toBe(0);
      await page.goto(demo.url);
      const attention = page.getByRole('region', { name: 'Perlu perhatian' });
      await attention
        .getByText(/libureng/i)
        .first()
        .waitFor({ timeout: 30_000 });
      expect(await page.locator('a[href*="libureng"]').count()).toBe(0);
      await expect
        .poll(() => page.locator('nav.strip').innerText(), { timeout: 30_000 })
        .toMatch(/[1-9]\d*\s*Tak terjangkau/);
      expect(await axe(page)).toEqual([]);
    });
  });

  describe('a technician', () => {
    it('may test a device, and is shown no way to change the inventory, users or the audit log', async () => {
      const { demo } = opened();
      const oneTime = await invite(opened(), 'basri', 'Teknisi', 'Kabupaten Bone (73.08)');
      const page = await someoneElse(opened());
      await chooseOwnPassword(page, demo.url, 'basri', oneTime);
      await page.goto(`${demo.url}/devices/rtr-mare-01`);
      await page.getByRole('button', { name: 'Uji poll' }).click();
      await page.getByText(/^rtr-mare-01 menjawab dalam/).waitFor();
      await page.goto(`${demo.url}/inventory`);
      await page.getByText('Peran Anda boleh membaca inventaris, tidak mengubahnya.').waitFor();
      expect(await page.locator('input[type=file]').count()).toBe(0);
      await page.goto(`${demo.url}/settings/audit`);
      await page.getByText('Bukan untuk peran Anda').waitFor();
      expect(await axe(page)).toEqual([]);
      await page.context().close();
    });
  });
}
