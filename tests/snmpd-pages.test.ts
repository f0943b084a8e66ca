import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { axe, launch, openPage, signIn } from './support/browser.ts';
import { Demo, demoPassword } from './support/demo.ts';
import { describeWithPeer, itWithPeer, peer } from './support/peers.ts';
import { Snmpd } from './support/snmpd.ts';

const shots = process.env['ARUNG_SHOTS'];
const authKey = 'kunci-autentikasi';
const privKey = 'kunci-kerahasiaan';
const config = [
  'rocommunity rahasia',
  'sysLocation Watampone',
  `createUser pemantau SHA-256 "${authKey}" AES "${privKey}"`,
  'rouser pemantau priv',
];
const testPoll = { id: 'Uji poll', en: 'Test poll' };
const right = { authProtocol: 'sha256', authKey, privProtocol: 'aes128', privKey };

interface Case {
  readonly name: string;
  readonly credential: { readonly kind: string; readonly user?: string; readonly secret: unknown };
  /** In the end; what answers anything at all is there. */
  readonly state: 'up' | 'down';
  /** What its page says in both languages; null: nothing is wrong. */
  readonly says: { readonly id: RegExp; readonly en: RegExp } | null;
}
const v3 = (secret: object, user = 'pemantau') => ({ kind: 'snmp-v3', user, secret: { ...right, ...secret } });
const cases: readonly Case[] = [
  { name: 'srv-v1', credential: { kind: 'snmp-v1', secret: 'rahasia' }, state: 'up', says: null },
  { name: 'srv-v2c', credential: { kind: 'snmp-v2c', secret: 'rahasia' }, state: 'up', says: null },
  { name: 'srv-v3', credential: v3({}), state: 'up', says: null },
  {
    name: 'srv-community-salah',
    credential: { kind: 'snmp-v2c', secret: 'bukan-itu' },
    state: 'down',
    says: { id: /tidak menjawab community ini/, en: /does not answer this community/ },
  },
  {
    name: 'srv-pengguna-salah',
    credential: v3({}, 'orang-lain'),
    state: 'up',
    says: { id: /tidak mengenal pengguna SNMPv3 ini/, en: /does not know (this|the) SNMPv3 user/ },
  },
  {
    name: 'srv-kunci-salah',
    credential: v3({ authKey: 'kunci-yang-salah' }),
    state: 'up',
    says: { id: /menolak kunci autentikasi/, en: /refuses the authentication key/ },
  },
  {
    name: 'srv-tingkat-salah',
    credential: { kind: 'snmp-v3', user: 'pemantau', secret: { authProtocol: 'sha256', authKey } },
    state: 'up',
    says: { id: /tidak mengizinkan pengguna|tingkat keamanan/, en: /security level|not allow/ },
  },
];

/** The controller as a user starts it, Debian's snmpd, and what an operator reads on the pages of devices. */
describeWithPeer('snmpd', 'pages of devices that are Debian’s snmpd', (program) => {
  const demo = new Demo();
  let snmpd: Snmpd;
  let browser: Browser | null = null;

  const made = async (path: string, body: unknown): Promise<void> => {
    const answer = await demo.post(`/api/v1${path}`, body);
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  };
  const device = (name: string) =>
    demo.get<{ id: string; state: string; uptimeS: number | null }>(`/api/v1/devices/${name}`);
  const restartsOf = async (name: string): Promise<number> => {
    const { id } = await device(name);
    return (await demo.get<{ items: readonly unknown[] }>(`/api/v1/events?key=device.restarted&entity=${id}`)).items
      .length;
  };
  const stateOf = async (name: string) => (await device(name)).state;

  beforeAll(async () => {
    snmpd = await Snmpd.start(program, config, cases.length);
    await demo.start('serve');
    await made('/regions/import', { code: '73.08' });
    const site = { code: 'opd-uji', name: 'Ruang server', kind: 'agency', region: '73.08.27', network: 'smart-office' };
    for (const { name, credential } of cases) await made('/credentials', { name, ...credential });
    await made('/inventory/import', {
      format: 'arung-inventory/1',
      sites: [{ ...site, rolloutStatus: 'active' }],
      devices: cases.map(({ name }, at) => ({
        name,
        site: site.code,
        role: 'server',
        protocol: 'snmp',
        address: `127.0.0.${at + 1}`,
        port: snmpd.port,
        credential: name,
      })),
    });
    const chromium = peer('chromium');
    browser = chromium === null ? null : await launch(chromium);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await demo.remove();
    await snmpd?.stop();
  }, 60_000);

  it.each(cases)('$name: $state', async ({ name, state }) => {
    await expect.poll(() => stateOf(name), { timeout: 60_000 }).toBe(state);
  });

  itWithPeer(
    'chromium',
    'say what is wrong and what to do, in both languages, and nothing where nothing is wrong',
    async () => {
      for (const language of ['id', 'en'] as const) {
        const { page } = await reader(language);
        for (const { name, state, says } of cases) {
          await open(page, name);
          if (says === null) {
            await expect.poll(() => device(name).then(({ uptimeS }) => uptimeS), { timeout: 60_000 }).not.toBeNull();
            expect(await page.locator('.notice').count(), name).toBe(0);
          } else {
            // Silence has many causes: which of them, a test finds out.
            if (state === 'down') await page.getByRole('button', { name: testPoll[language] }).click();
            await page.getByText(says[language]).waitFor({ timeout: 40_000 });
          }
          const word = { up: { id: 'Hidup', en: 'Up' }, down: { id: 'Mati', en: 'Down' } }[state][language];
          expect(await page.locator('.head .tag').first().innerText(), name).toContain(word);
          expect(await axe(page), name).toEqual([]);
          await keep(page, `${name}-${language}`);
        }
        await page.context().close();
      }
    },
    300_000,
  );

  it('are down while it is stopped and up after its restart, also when it forgets how often it started', async () => {
    const good = cases.filter(({ says }) => says === null).map(({ name }) => name);
    for (const [restarts, forgets] of [false, true].entries()) {
      // One that had only just started cannot be told from the restarted.
      for (const name of good) {
        await expect.poll(() => device(name).then(({ uptimeS }) => uptimeS), { timeout: 90_000 }).toBeGreaterThan(20);
      }
      await snmpd.end();
      for (const name of good) await expect.poll(() => stateOf(name), { timeout: 60_000 }).toBe('down');
      if (forgets) await snmpd.forget();
      snmpd.begin();
      for (const name of good) {
        await expect.poll(() => stateOf(name), { timeout: 60_000 }).toBe('up');
        await expect.poll(() => restartsOf(name), { timeout: 90_000 }).toBe(restarts + 1);
      }
    }
  }, 300_000);

  async function reader(language: 'id' | 'en'): Promise<{ page: Page }> {
    if (browser === null) throw new Error('no browser');
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addInitScript(`localStorage.setItem('arung.language', '${language}')`);
    const opened = await openPage(context);
    await signIn(opened.page, demo.url, demoPassword);
    return opened;
  }

  async function open(page: Page, name: string): Promise<void> {
    await page.goto(`${demo.url}/devices/${name}`);
    await page.getByRole('heading', { level: 1, name }).waitFor();
  }

  async function keep(page: Page, name: string): Promise<void> {
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png` });
  }
});
