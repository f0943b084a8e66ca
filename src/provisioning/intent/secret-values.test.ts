import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf, ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import { versionDifference, versionText } from './version-difference.ts';

const system = systemAccess('test');
const router = 'rtr-c-01';
const canary = 'KENARI';
const netwatch = (script: string) => ({
  key: 'hulu',
  subject: '/tool/netwatch',
  values: { host: '10.0.0.1', 'down-script': script, 'up-script': '/log info "kembali"' },
});
const document = documentOf(
  { key: 'psk', subject: '/ip/ipsec/key/psk', values: { name: 'kab', key: canary } },
  { key: 'wifi', subject: '/interface/wireless/security-profiles', values: { name: 'x', 'wpa2-pre-shared-key': canary } }, // prettier-ignore
  { key: 'bgp', subject: '/routing/bgp/connection', values: { name: 'hulu', 'tcp-md5-key': canary } },
  { key: 'kirim', subject: '/system/script', values: { name: 'kirim', source: `:local password "${canary}"` } },
  netwatch(`/tool fetch password=${canary}`),
);
const marked = [['key'], ['wpa2-pre-shared-key'], ['tcp-md5-key'], ['source'], ['down-script']];

describe('secrets of a device’s intent that nobody has called so', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  const told = async (version: string): Promise<string> => {
    const parts = { reader: stage.reader, intents: stage.intents };
    return JSON.stringify([
      await stage.shared.parts(system, router),
      await stage.reader.masked(system, router, version),
      await versionText(parts, system, { key: router, version }),
      await versionDifference(parts, system, { key: router, version, from: version }),
    ]);
  };
  const staged = async (of: IntentDocument): Promise<string> => (await stage.stage({ [router]: of }))[router] ?? '';
  beforeAll(async () => {
    stage = await ProvisioningStage.open(137);
  }, 120_000);
  afterAll(() => stage?.close());

  it('are named where a document is checked: a program of Pulumi goes by it', () => {
    expect(stage.intents.secretsOf(document)).toEqual(marked);
    expect(stage.intents.secretsOf(documentOf(netwatch('/log warning "hulu mati"')))).toEqual([[]]);
  });

  it('are told in no view of it, nor of what was kept when less was known', async () => {
    const version = await staged(document);
    expect(await told(version)).not.toContain(canary);
    const { db } = stage.test.database;
    const { masked } = await db.selectFrom('intent_versions').select('masked').where('version', '=', version).executeTakeFirstOrThrow(); // prettier-ignore
    expect(JSON.stringify(masked)).not.toContain(canary);
    const before = JSON.stringify({
      ...document,
      fragments: document.fragments.map((one) => ({ ...one, secret: [] })),
    });
    await db.updateTable('intent_versions').set({ masked: before }).where('version', '=', version).execute();
    expect(await told(version)).not.toContain(canary);
    expect(await told(version)).toContain('kembali');
  });

  it('are told of no backup that a device is brought back to', async () => {
    const text = `/system script\nadd name=a source="/x password=\\"${canary}\\""\n/system scheduler\nadd name=b on-event="/x secret=${canary}"\n`; // prettier-ignore
    const { driver } = documentOf();
    const back = stage.door.driverOf({ driver }).restoring?.(text);
    if (back === undefined) throw new Error('it brings nothing back');
    const version = await stage.intents.keepBackup(system, router, back, { managedBy: 'backup of a test' });
    expect(JSON.stringify(back)).toContain(canary);
    expect(await told(version)).not.toContain(canary);
  });
});
