import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/database/connection.ts';
import { newId } from '../../../src/domain/ids.ts';
import type { ProgramStep } from '../../../src/domain/program-run.ts';
import { notLoaded } from '../../../src/provisioning/programs/reasons.ts';
import { RunStore } from '../../../src/provisioning/programs/run-store.ts';
import { readControllerNote } from '../../../src/state.ts';
import { axe } from '../../support/browser.ts';
import type { Opened } from './opened.ts';

const step = (name: string, kind: ProgramStep['kind'], changes: ProgramStep['changes']): ProgramStep => ({
  entry: 'step',
  kind,
  state: 'planned',
  type: 'RouterosItem',
  name,
  changes,
  left: 0,
  status: null,
});
const change = (property: string, before: string | null, after: string | null, secret = false) => ({
  property,
  before,
  after,
  secret,
  computed: false,
});

/** Programs as they are seen where none can be run, and a run that is over. */
export function programTests(opened: () => Opened): void {
  describe('programs', () => {
    it('say what is missing, and what to type', async () => {
      const { demo, page } = opened();
      await page.goto(`${demo.url}/changes/programs`);
      await page.getByText('Belum ada folder program').waitFor({ timeout: 30_000 });
      expect(await page.locator('pre').innerText()).toBe('export ARUNG_PULUMI_DIR=/opt/arung/pulumi');
      expect(await axe(page)).toEqual([]);
      const refused = await demo.call('POST', '/api/v1/programs/runs', { stack: 'kahu', operation: 'preview' });
      expect(await refused.json()).toMatchObject({ code: 'program.not-ready', arguments: { missing: 'folder' } });
    });

    it('show what a run would change, what is at stake, and what was said, on a desk and on a phone', async () => {
      const { demo, page } = opened();
      await addPreview(demo.dataDir);
      await page.goto(`${demo.url}/changes/programs/kahu`);
      await page.getByText('values.address=10.73.8.9/24').waitFor({ timeout: 30_000 });
      const lines = await page.locator('main').innerText();
      expect(lines).toContain('values.address=10.73.8.1/24');
      expect(lines).toContain('values.password=(rahasia, berubah)');
      expect(lines).toContain('alamat sudah dipakai');
      expect(lines).toMatch(/Kenari\s+rtr-kahu-lalepo-01/);
      expect(await axe(page)).toEqual([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await axe(page)).toEqual([]);
      await page.setViewportSize({ width: 1440, height: 900 });
    });

    it('never say of a run that broke off that nothing changes', async () => {
      const { demo, page } = opened();
      await addRun(demo.dataDir, async (store, id) => {
        const counts = { create: 0, update: 0, replace: 0, delete: 0, other: 0, same: 0, failed: 0 };
        await store.write(id, { state: 'broken-off', endedAt: Date.now(), counts });
      });
      await page.goto(`${demo.url}/changes/programs/kahu`);
      await page.getByText('Apa yang akan berubah tidak diketahui').waitFor({ timeout: 30_000 });
      expect(await page.locator('main').innerText()).not.toContain('Tidak ada sumber daya yang berubah');
      expect(await page.locator('.figures b').allInnerTexts()).toEqual(['–', '–', '–', '–']);
    });

    it('say what to type where Pulumi itself could not be fetched', async () => {
      const { demo, page } = opened();
      const archive = 'pulumi-v3.265.0-linux-x64.tar.gz';
      await addRun(demo.dataDir, async (store, id) => {
        const problem = notLoaded({ reason: 'fetch failed', archive });
        await store.write(id, { state: 'failed', endedAt: Date.now(), problem });
      });
      await page.goto(`${demo.url}/changes/programs/kahu`);
      await page.getByRole('heading', { name: 'Pulumi belum ada di komputer ini' }).waitFor({ timeout: 30_000 });
      const typed = (await page.locator('pre').allInnerTexts()).join('\n');
      expect(typed).toContain(`curl -fLO https://get.pulumi.com/releases/sdk/${archive}`);
      expect(typed).toContain('export ARUNG_PULUMI_BIN=/opt/pulumi');
      expect(await axe(page)).toEqual([]);
    });
  });
}

/** As a run leaves it that is over. */
function addPreview(dataDir: string): Promise<void> {
  return addRun(dataDir, async (store, id) => {
    const none = { terminals: 2, services: [], servicesMissed: [], cutsController: false, sitesElsewhere: 0 };
    const waves = [{ devices: ['rtr-kahu-lalepo-01'], worst: { ...none, devices: 4, sites: ['desa-lalepo'] } }];
    const counts = { create: 1, update: 2, replace: 0, delete: 0, other: 0, same: 9, failed: 0 };
    const end = { state: 'done', endedAt: Date.now(), programHash: 'a'.repeat(64) } as const;
    await store.write(id, { ...end, counts, waves: [{ waves, refusal: null }], cliVersion: '3.274.1' }, [
      { place: 0, entry: step('lan', 'update', [change('values.address', '10.73.8.9/24', '10.73.8.1/24')]) },
      { place: 1, entry: step('ani', 'update', [change('values.password', null, null, true)]) },
      { place: 2, entry: step('kolam', 'create', [change('menu', null, '/ip/pool')]) },
      { place: 3, entry: { entry: 'message', severity: 'warning', resource: 'lan', text: 'alamat sudah dipakai' } },
    ]);
  });
}

/** A preview of what its caller writes of it. */
async function addRun(dataDir: string, write: (store: RunStore, id: string) => Promise<void>): Promise<void> {
  const url = readControllerNote(dataDir)?.databaseUrl ?? '';
  const database = openDatabase({ url, logger: pino({ level: 'silent' }), as: 'guest' });
  await database.start();
  try {
    const store = new RunStore(database.db);
    const id = newId<never>() as string;
    const run = { id, stack: 'kahu', operation: 'preview', requestedBy: 'ani', createdAt: Date.now() } as const;
    await database.db.transaction().execute((trx) => store.insert(trx, run));
    await write(store, id);
  } finally {
    await database.stop();
  }
}
