import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { InventoryDocument } from '../document.ts';
import { backbone } from '../../../tests/support/backbone.ts';
import { accessOf, createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import type { ListName } from './lists.ts';

const system = systemAccess('test');
const json = (document: object) => ({ format: 'json', text: JSON.stringify(document, null, 2) }) as const;
const csv = (list: ListName, text: string) => ({ format: 'csv', list, text }) as const;
const document = (): InventoryDocument =>
  backbone({ districts: ['73.08.02', '73.08.03'], villages: ['73.08.02.1001', '73.08.02.2002', '73.08.03.1001'] });

async function refusalOf(work: Promise<unknown>): Promise<ArungError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ArungError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

describe('importing an inventory', () => {
  let test: TestInventory;
  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
  });
  afterAll(() => test.close());
  const importer = () => test.inventory.importer;

  it('says in a dry run what would be created, and writes nothing', async () => {
    const plan = await importer().plan(system, json(document()));
    expect(plan.errors).toEqual([]);
    expect(plan.lists.find((one) => one.list === 'devices')).toMatchObject({ created: 18, changed: 0 });
    expect(plan.changes.find((one) => one.key === 'kec-73.08.02')?.fields['region']?.after).toBe('73.08.02');
    expect(JSON.stringify(plan)).not.toContain('b0ne-community');
    expect((await test.inventory.sites.list(system)).items).toEqual([]);
  });

  it('imports the whole document, with progress, once', async () => {
    const seen: string[] = [];
    const progress = (phase: string, done: number, total: number) => seen.push(`${phase} ${done}/${total}`);
    const result = await importer().apply(system, json(document()), { progress });
    expect(result.created).toBeGreaterThan(80);
    expect(seen).toContain('devices 18/18');
    expect(seen.at(-1)).toBe('commit 1/1');
    const link = await test.inventory.links.get(system, 'dc--73.08.02');
    expect(link.entity).toMatchObject({ medium: 'fibre', trunk: true, bName: 'rtr-kec-73-08-02-01:ether1' });
    expect(link.entity.sharedRiskIds).toHaveLength(1);
    expect((await test.inventory.sharedRisks.get(system, 'Duct A')).entity.siteIds).toHaveLength(1);
    expect((await test.inventory.agents.get(system, 'local')).entity.attachedTo).toHaveLength(1);
    expect((await test.inventory.credentials.get(system, 'snmp-bone')).entity).toMatchObject({ hasSecret: true });

    const again = await importer().apply(system, json(document()));
    expect(again).toMatchObject({ created: 0, changed: 0, changes: [] });
  });

  it('exports what imports again without a change, as JSON and as CSV of every list', async () => {
    const text = await test.inventory.exporter.json(system);
    expect(text).not.toContain('b0ne-community');
    expect(await importer().plan(system, { format: 'json', text })).toMatchObject({ changes: [], errors: [] });
    const lists: ListName[] = ['regions', 'calendars', 'contacts', 'credentials', 'sharedRisks', 'sites', 'devices'];
    for (const list of [...lists, 'interfaces', 'links', 'services', 'agents'] as const) {
      const table = await test.inventory.exporter.csv(system, list);
      const plan = await importer().plan(system, csv(list, table));
      expect({ list, changes: plan.changes, errors: plan.errors }).toEqual({ list, changes: [], errors: [] });
      expect(plan.unchanged).toBeGreaterThan(0);
    }
  });

  it('changes only the fields that a file names, and keeps before and after in the audit log', async () => {
    const file =
      'code,name,kind,network,region,accessNotes\r\nkec-73.08.02,Kantor Camat Kahu,district,smart-city,73.08.02,"Kunci di\r\nrumah Pak Andi"\r\n';
    const plan = await importer().plan(system, csv('sites', file));
    expect(plan.changes).toEqual([
      {
        list: 'sites',
        key: 'kec-73.08.02',
        action: 'change',
        fields: {
          name: { before: 'Kecamatan 73.08.02', after: 'Kantor Camat Kahu' },
          accessNotes: { before: '', after: 'Kunci di\r\nrumah Pak Andi' },
        },
      },
    ]);
    await importer().apply(system, csv('sites', file), { reason: 'nama resmi' });
    const site = await test.inventory.sites.get(system, 'kec-73.08.02');
    expect(site.entity).toMatchObject({
      name: 'Kantor Camat Kahu',
      rolloutStatus: 'active',
      contactIds: [expect.any(String)],
    });
    const log = await test.audit.list(system, { limit: 5, entityId: site.entity.id });
    expect(log[0]).toMatchObject({ action: 'update', reason: 'nama resmi', before: { name: 'Kecamatan 73.08.02' } });
    expect(await test.audit.verify()).toMatchObject({ ok: true });
  });

  it('never writes a secret to the audit log', async () => {
    const rows = await test.audit.list(system, { limit: 1000, entityKind: 'credential' });
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('b0ne');
  });

  it('reads what Excel writes in Indonesia: BOM, semicolons, decimal commas', async () => {
    const file =
      '\uFEFFcode;name;kind;network;region;latitude;longitude;tags\r\n' +
      'opd-kominfo;Dinas Kominfo;agency;smart-office;73.08.21.1001;-4,5386;120,3279;"opd;inti"\r\n';
    await importer().apply(system, csv('sites', file));
    expect((await test.inventory.sites.get(system, 'opd-kominfo')).entity).toMatchObject({
      latitude: -4.5386,
      longitude: 120.3279,
      tags: ['opd', 'inti'],
    });
  });

  it('refuses a file with every error at its line and column, and imports nothing of it', async () => {
    const good = Array.from({ length: 39 }, (_, index) => `baru-${index},Desa,village,smart-city,73.08.02.1001`);
    const file = ['code,name,kind,network,region', ...good, 'salah,Desa,village,smart-city,73.08.02.2099'].join('\n');
    const refusal = await refusalOf(importer().apply(system, csv('sites', file)));
    expect(refusal.message).toBe(
      'Line 41, column region: 73.08.02.2099 does not exist. Import its regency first, or mend the code. Nothing was imported.',
    );
    expect(refusal.code).toBe('import.refused');
    expect(refusal.details[0]).toMatchObject({
      code: 'import.does-not-exist',
      line: 41,
      column: 'region',
      arguments: { value: '73.08.02.2099' },
    });
    await expect(test.inventory.sites.get(system, 'baru-0')).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('finds in JSON the line and column of the value that is wrong', async () => {
    const text = `{
  "format": "arung-inventory/1",
  "sites": [
    { "code": "a b", "name": "x", "kind": "village", "network": "smart-city", "region": "73.08.02.1001" },
    { "code": "ok", "name": "x", "kind": "hut",
      "network": "smart-city", "region": "73.08.02.1001" }
  ],
  "device": []
}`;
    const plan = await importer().plan(system, { format: 'json', text });
    expect(plan.errors.map(({ line, column, code }) => ({ line, column, code }))).toEqual([
      { line: 4, column: 15, code: 'import.wrong-value' },
      { line: 5, column: 42, code: 'import.wrong-value' },
      { line: 8, column: 13, code: 'import.unknown-list' },
    ]);
    expect(plan.errors[1]?.message).toContain('agency, district, village, pop');
    expect(plan.errors[2]?.message).toContain('did you mean devices?');
    const broken = await importer().plan(system, { format: 'json', text: '{\n  "sites": [\n}' });
    expect(broken.errors).toMatchObject([{ code: 'import.syntax', line: 3, column: 1 }]);
  });

  it.each([
    ['devices', 'name,site,role,adress\nx,dc,router,10.0.0.1', 'import.unknown-column', 1],
    ['devices', 'name,role\nx,router', 'import.missing-column', 1],
    ['devices', 'name', 'import.missing-column', 1],
    ['devices', 'foo|bar\n1|2', 'import.wrong-separator', 1],
    ['devices', '', 'import.empty', 1],
    ['devices', 'name,site,role\nx,dc,"router\ny,dc,router', 'import.syntax', 3],
    ['devices', 'name,site,role\nx,dc,router,zuviel', 'import.too-many-columns', 2],
    ['devices', 'name,site,role\n,dc,router', 'import.missing-value', 2],
    ['devices', 'name,site,role,address\nx,dc,router,10.0.0', 'import.bad-address', 2],
    ['devices', 'name,site,role,port\nx,dc,router,seratus', 'import.wrong-value', 2],
    ['devices', 'name,site,role,protocol\nx,dc,router,none\nx,dc,router,none', 'import.duplicate', 3],
    ['devices', 'name,site,role,address\nx,dc,router,10.73.0.1', 'import.address-taken', 2],
    ['devices', 'name,site,role,protocol,serial\nx,dc,terminal,mqtt,SN-dc', 'import.serial-taken', 2],
    ['devices', 'name,site,role,protocol\nx,dx,router,none', 'import.does-not-exist', 2],
    ['links', 'name,medium,capacityBps,a,b\nx,fibre,1e9,rtr-dc-01:ether3,rtr-dc-01:ether2', 'import.end-taken', 2],
    ['links', 'name,medium,capacityBps,a,b\nx,fibre,1e9,rtr-dc-01:ether3,rtr-dc-01:ether3', 'import.same-ends', 2],
    ['sites', 'code,name,kind,network,region,latitude\nx,x,pop,smart-city,73.08.25,-4.5', 'import.half-position', 2],
    ['calendars', 'name,timeZone,windows\nx,Asia/Bone,[]', 'import.bad-time-zone', 2],
    ['credentials', 'name,kind,user,secret\nx,snmp-v3,,abc', 'import.bad-secret', 2],
    ['regions', 'code,latitude,longitude\n73.8,-4.5,120', 'import.bad-region-code', 2],
  ] as const)('refuses in %s: %j with %s', async (list, text, code, line) => {
    const plan = await importer().plan(system, csv(list, text));
    expect(plan.errors.map((error) => error.code)).toContain(code);
    expect(plan.errors.find((error) => error.code === code)?.line).toBe(line);
    await expect(importer().apply(system, csv(list, text))).rejects.toMatchObject({ code: 'import.refused' });
  });

  it('tells the first 200 errors and counts the rest', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => `x${index},nowhere,router,none`);
    const plan = await importer().plan(system, csv('devices', ['name,site,role,protocol', ...rows].join('\n')));
    expect(plan.errors).toHaveLength(200);
    expect(plan.errorCount).toBe(500);
  });

  it('lets two links swap their ends, and two devices their addresses', async () => {
    const before = await test.inventory.exporter.csv(system, 'links');
    const [one, two] = ['73.08.02--73.08.02.1001', '73.08.02--73.08.02.2002'];
    const first = (await test.inventory.links.get(system, one)).entity;
    const second = (await test.inventory.links.get(system, two)).entity;
    await importer().apply(
      system,
      csv(
        'links',
        `name,medium,capacityBps,a,b\n${one},radio,1e9,${first.aName},${second.bName}\n${two},radio,1e9,${second.aName},${first.bName}`,
      ),
    );
    expect((await test.inventory.links.get(system, one)).entity.bName).toBe(second.bName);
    await importer().apply(system, csv('links', before));
    const devices = 'name,site,role,address\nrtr-dc-01,dc,router,10.73.0.2\nsw-dc-01,dc,switch,10.73.0.1';
    await importer().apply(system, csv('devices', devices));
    expect((await test.inventory.devices.get(system, 'rtr-dc-01')).entity.address).toBe('10.73.0.2');
  });

  it('creates only, or updates only, when asked to', async () => {
    const file =
      'code,name,kind,network,region\nkec-73.08.02,Lain,district,smart-city,73.08.02\nnew,Baru,pop,smart-city,73.08.02';
    const created = await importer().plan(system, csv('sites', file), { mode: 'create' });
    expect(created.changes.map((one) => `${one.action} ${one.key}`)).toEqual(['create new']);
    const updated = await importer().plan(system, csv('sites', file), { mode: 'update' });
    expect(updated.changes.map((one) => `${one.action} ${one.key}`)).toEqual(['change kec-73.08.02']);
  });

  it('keeps a writer of one kecamatan to it', async () => {
    const operator = accessOf('operator', '73.08.02');
    const into = (region: string, code = 'x') =>
      csv('sites', `code,name,kind,network,region\n${code},X,pop,smart-city,${region}`);
    expect((await importer().plan(operator, into('73.08.02'))).errors).toEqual([]);
    // What lies elsewhere looks as if it were not there.
    expect((await importer().plan(operator, into('73.08.03'))).errors).toMatchObject([
      { code: 'import.does-not-exist' },
    ]);
    expect((await importer().plan(operator, into('73.08.02', 'kec-73.08.03'))).errors).toMatchObject([
      { code: 'import.outside-regions' },
    ]);
    const viewer = await importer().plan(accessOf('viewer', '73.08.02'), into('73.08.02'));
    expect(viewer.errors).toMatchObject([{ code: 'import.outside-regions' }]);
    const agents = await importer().plan(
      operator,
      json({ format: 'arung-inventory/1', agents: [{ name: 'a', attachedTo: [] }] }),
    );
    expect(agents.errors).toMatchObject([{ code: 'import.outside-regions' }]);
    const credential = await importer().plan(operator, csv('credentials', 'name,kind,secret\nx,snmp-v2c,public'));
    expect(credential.errors).toMatchObject([{ code: 'import.outside-regions' }]);
    // Not by whether it would be a change either does one find out a secret that others gave.
    for (const guess of ['b0ne-community', 'tebakan']) {
      const tried = await importer().plan(
        operator,
        csv('credentials', `name,kind,secret\nsnmp-bone,snmp-v2c,${guess}`),
      );
      expect(tried).toMatchObject({ unchanged: 0, errors: [{ code: 'import.outside-regions' }] });
    }
  });

  it('exports to a reader of one kecamatan what lies in it, and nothing else', async () => {
    const text = await test.inventory.exporter.json(accessOf('viewer', '73.08.02'));
    expect(text).toContain('rtr-73-08-02-1001-01');
    expect(text).not.toContain('73.08.03');
    expect(text).not.toContain('73-08-03');
    expect(text).not.toContain('rtr-dc-01');
  });

  it('guards a spreadsheet against text that it would run', async () => {
    const file = csv('contacts', 'name,role\n"=HYPERLINK(""http://x"")",\'@tamu');
    await importer().apply(system, file);
    const table = await test.inventory.exporter.csv(system, 'contacts');
    expect(table).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect((await importer().plan(system, csv('contacts', table))).changes).toEqual([]);
  });
});
