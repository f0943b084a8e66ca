import decoder from 'jsqr';
import { Secret, TOTP } from 'otpauth';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axe } from '../../support/browser.ts';
import { someoneElse, type Opened } from './opened.ts';
import { ownPassword } from './people.ts';

/** What a phone reads from the picture: its dark modules, four points each, given to a decoder of QR codes. */
async function scanned(picture: Locator): Promise<string> {
  const [, , size = 0] = ((await picture.getAttribute('viewBox')) ?? '').split(' ').map(Number);
  const path = (await picture.locator('path').getAttribute('d')) ?? '';
  const width = size * 4;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let dy = 0; dy < 4; dy++) {
      for (let dx = 0; dx < 4; dx++) {
        pixels.fill(
          0,
          ((Number(y) * 4 + dy) * width + Number(x) * 4 + dx) * 4,
          ((Number(y) * 4 + dy) * width + Number(x) * 4 + dx) * 4 + 3,
        );
      }
    }
  }
  return decoder.default(pixels, width, width)?.data ?? '';
}

/** The code of the app now, or some steps of 30 s later. */
function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
}

/** Signs in as basri, who is a technician; the second factor is asked for after the password. */
async function signInWith(page: Page, code: string): Promise<void> {
  const field = page.getByLabel('Kode dari aplikasi');
  if ((await field.count()) === 0) {
    await page.getByLabel('Nama pengguna').fill('basri');
    await page.getByLabel('Kata sandi', { exact: true }).fill(ownPassword);
    await page.keyboard.press('Enter');
    await page.getByText('Akun ini memakai kode kedua.').waitFor();
    expect(await page.locator(':focus').getAttribute('autocomplete')).toBe('one-time-code');
    expect(await axe(page)).toEqual([]);
  }
  await field.fill(code);
  await page.keyboard.press('Enter');
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'BA, akun basri' }).click();
  await page.locator('.pop').getByRole('button', { name: 'Keluar' }).click();
  await page.getByRole('heading', { name: 'Masuk', level: 1 }).waitFor();
}

/** The technician of the tests before signs in with a code of an app, too. */
export function secondFactorTests(opened: () => Opened): void {
  describe('a second factor', () => {
    let page: Page;
    let secret: string;
    let recovery: readonly string[];

    it('is set up with an app that scans a picture; a wrong code sets up nothing', async () => {
      page = await someoneElse(opened());
      await page.goto(opened().demo.url);
      await page.getByLabel('Nama pengguna').fill('basri');
      await page.getByLabel('Kata sandi', { exact: true }).fill(ownPassword);
      await page.keyboard.press('Enter');
      await page.locator('nav.rail').waitFor();
      await page.goto(`${opened().demo.url}/settings`);
      await page.getByRole('button', { name: 'Pasang kode kedua' }).click();
      const shown = await page.locator('.key').innerText();
      secret = shown.replaceAll(' ', '');
      const address = new URL(await scanned(page.getByRole('img', { name: 'Kode QR untuk aplikasi autentikator' })));
      expect(address.protocol).toBe('otpauth:');
      expect(address.searchParams.get('secret')).toBe(secret);
      expect(await axe(page)).toEqual([]);
      const wrong = codeOf(secret) === '000000' ? '000001' : '000000';
      await page.getByLabel('Kode dari aplikasi').fill(wrong);
      await page.getByRole('button', { name: 'Aktifkan' }).click();
      await page.getByText('Kode salah, terlalu lama, atau sudah dipakai.').waitFor();
      await page.getByLabel('Kode dari aplikasi').fill(codeOf(secret));
      await page.getByRole('button', { name: 'Aktifkan' }).click();
      const dialog = page.getByRole('dialog', { name: /^Kode cadangan/ });
      recovery = (await dialog.locator('.mono').innerText()).trim().split(/\s+/);
      expect(new Set(recovery).size).toBe(10);
      expect(await axe(page)).toEqual([]);
      await dialog.getByRole('button', { name: 'Sudah saya simpan' }).click();
      await page.getByText(/Kode kedua aktif sejak .+ Kode cadangan tersisa: 10\./).waitFor();
    });

    it('is asked for at sign-in: a wrong code and one that was used are refused, the next one is taken', async () => {
      await signOut(page);
      const used = codeOf(secret);
      await signInWith(page, used === '123456' ? '123457' : '123456');
      await page.getByText('Kode salah, terlalu lama, atau sudah dipakai. Tunggu kode berikutnya.').waitFor();
      await signInWith(page, codeOf(secret, 1));
      await page.locator('nav.rail').waitFor({ timeout: 30_000 });
    });

    it('is replaced by a recovery code when the phone is not there, each for one sign-in', async () => {
      const [first = ''] = recovery;
      await signOut(page);
      await signInWith(page, first);
      await page.locator('nav.rail').waitFor({ timeout: 30_000 });
      await signOut(page);
      await signInWith(page, first);
      await page.getByText('Kode salah, terlalu lama, atau sudah dipakai. Tunggu kode berikutnya.').waitFor();
    });

    it('is taken away by who manages users when phone and codes are lost', async () => {
      const { demo, page: administrator } = opened();
      await administrator.goto(`${demo.url}/settings/users`);
      const row = administrator.getByRole('row', { name: /basri/ });
      await row.getByText('terpasang').waitFor();
      await row.getByRole('button', { name: 'Keamanan' }).click();
      const dialog = administrator.getByRole('dialog', { name: 'Keamanan basri' });
      await dialog
        .getByText(/ di Linux/)
        .first()
        .waitFor();
      expect(await axe(administrator)).toEqual([]);
      await dialog.getByRole('button', { name: 'Cabut kode kedua' }).click();
      await dialog.getByText('Belum dipasang.').waitFor();
      await dialog.getByRole('button', { name: 'Akhiri semua sesi' }).click();
      await dialog.getByText('Tidak sedang masuk di mana pun.').waitFor();
      await page.getByLabel('Kata sandi', { exact: true }).fill(ownPassword);
      await page.getByLabel('Kode dari aplikasi').fill('');
      await page.keyboard.press('Enter');
      await page.locator('nav.rail').waitFor({ timeout: 30_000 });
      await page.context().close();
    });
  });
}
