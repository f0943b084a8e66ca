import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { demoDocument } from '../../data/bone/demo.ts';
import { buildPhone } from '../../dashboards/phone/build.ts';
import { phonePageRoutes } from '../../src/api/phone-page.ts';
import { phoneRoutes } from '../../src/api/phone.ts';
import type { LiveStates } from '../../src/alerting/phone/mini-map.ts';
import { IncidentActions } from '../../src/alerting/desk/incident-actions.ts';
import { deskActions } from '../../src/alerting/phone/desk-actions.ts';
import { PhoneDesk } from '../../src/alerting/phone/phone-desk.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { SignedLinks } from '../../src/alerting/signed-links.ts';
import type { Database } from '../../src/database/tables.ts';
import { systemAccess } from '../../src/domain/access.ts';
import { newId, type IncidentId, type PersonId } from '../../src/domain/ids.ts';
import type { Hurt } from '../../src/domain/incident.ts';
import type { Topology } from '../../src/domain/topology.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { computeGeography } from '../../src/territory/geography.ts';
import { createTestApi, type TestApi } from './api.ts';
import { plantIncident, plantPerson } from './incident.ts';
import { createInventoryOn } from './inventory.ts';
import { testSiteWork } from './site-work.ts';

/** Bone as the demo has it, with the fibre to Kahu cut, and the technician's page of it on a listener. */
export interface TestPhone {
  readonly api: TestApi;
  readonly db: Kysely<Database>;
  readonly links: SignedLinks;
  readonly url: string;
  readonly incident: IncidentId;
  readonly other: IncidentId;
  readonly andi: PersonId;
  readonly besse: PersonId;
  /** Of Andi, for `incident`. */
  readonly token: string;
  stop(): Promise<void>;
}

export async function startTestPhone(options: { readonly logger?: Logger } = {}): Promise<TestPhone> {
  const folder = mkdtempSync(join(tmpdir(), 'arung-phone-'));
  await buildPhone(folder);
  let parts: { inventory: Inventory; links: SignedLinks; close: () => Promise<void> } | undefined;
  const states: { now: LiveStates } = { now: { stateOf: () => null, linkLoad: () => null } };
  const api = await createTestApi({
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    routes: async ({ database, audit }) => {
      const { db } = database;
      const { inventory, vault, close } = await createInventoryOn({ database, audit, regions: '73.08' });
      const document = demoDocument({ port: 10161, secretFor: () => 'rahasia', usersPerMaker: 0 });
      await inventory.importer.apply(systemAccess('test'), { format: 'json', text: JSON.stringify(document) });
      const geography = computeGeography({ ...(await inventory.geography.read()), boundaries: [] });
      const links = new SignedLinks({ db, keys: vault });
      parts = { inventory, links, close };
      const siteWork = testSiteWork({ db, audit, topology: () => inventory.topology.current() });
      const desk = new PhoneDesk({
        db,
        links,
        topology: inventory.topology,
        states: { stateOf: (kind, id) => states.now.stateOf(kind, id), linkLoad: (id) => states.now.linkLoad(id) },
        ground: () => geography,
        words: testWords,
        actions: deskActions(
          new IncidentActions({
            db,
            audit,
            clock: systemClock,
            siteWork,
            onWritten: () => undefined,
            silencesChanged: () => Promise.resolve(),
          }),
        ),
        workSite: (incidentId, personId) => siteWork.siteFor(db, incidentId, personId),
        clock: systemClock,
        timeZone: 'Asia/Makassar',
        language: 'id',
      });
      return [phoneRoutes(desk)];
    },
    overrides: { rootRoutes: [phonePageRoutes(folder)] },
  });
  if (parts === undefined) throw new Error('the routes were not made');
  const { inventory, links, close } = parts;
  const { db } = api.database;
  await until(() => [...inventory.topology.current().links.values()].some(({ name }) => name === 'palattae--kahu'));
  const topology = inventory.topology.current();
  const { incidentId, dark, linkId } = await cutKahu(db, topology);
  states.now = {
    stateOf: (kind, id) => ({
      state: kind === 'site' && dark.has(id) ? 'unreachable' : kind === 'link' && id === linkId ? 'down' : 'up',
      since: 0,
      cause: null,
    }),
    linkLoad: (id) => ({ abBps: (id.charCodeAt(35) % 10) * 1e6, baBps: 0, at: 0 }),
  };
  const andi = await plantPerson(db, { name: 'Andi Baso' });
  const besse = await plantPerson(db, { name: 'Besse Tenri', language: 'en' });
  await api.api.start();
  return {
    api,
    db,
    links,
    url: api.api.localUrl,
    incident: incidentId,
    other: await plantIncident(db),
    andi,
    besse,
    token: links.tokenFor(incidentId, andi),
    stop: async () => {
      await api.api.stop();
      await close();
      await api.database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('the inventory did not come');
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The cut of 02.10, as the alerting loop writes it down. */
async function cutKahu(db: Kysely<Database>, topology: Topology) {
  const link = [...topology.links.values()].find(({ name }) => name === 'palattae--kahu');
  if (link === undefined) throw new Error('Bone has no link palattae--kahu');
  const ends = [link.a, link.b];
  const kahu = ends.find(({ siteId }) => topology.sites.get(siteId)?.kind === 'district');
  const palattae = ends.find((end) => end !== kahu);
  const kahuSite = topology.sites.get(kahu?.siteId as never);
  const startSite = topology.sites.get(palattae?.siteId as never);
  if (kahuSite === undefined || startSite === undefined || palattae === undefined) throw new Error('no Kahu');
  const district = kahuSite.regionCode.slice(0, 8);
  const behind = [...topology.sites.values()].filter(
    ({ kind, regionCode }) => (kind === 'village' || kind === 'district') && regionCode.startsWith(district),
  );
  const since = Date.now() - 2 * 60_000 - 5_000;
  const impact: Hurt = {
    services: [{ id: newId(), name: 'e-Planning' }],
    sites: behind.map(({ id, kind, regionCode }) => ({
      id,
      kind,
      regionCode,
      isDark: true,
      devices: 3,
      terminals: 1,
      services: [0],
    })),
  };
  const incidentId = await plantIncident(db, {
    since,
    impact,
    cause: { kind: 'link', id: link.id, name: link.name, certainty: 0.97 },
  });
  const [device, port] = [topology.devices.get(palattae.deviceId)?.name ?? '', palattae.interfaceName];
  await db
    .updateTable('incidents')
    .set({
      place: JSON.stringify({
        name: startSite.name,
        at: port,
        latitude: startSite.latitude,
        longitude: startSite.longitude,
        accessNotes: '',
        siteId: startSite.id,
      }),
      evidence: JSON.stringify([
        { key: 'link.no-light', arguments: { device, interface: port, sinceAt: since } },
        { key: 'link.optical-power', arguments: { device, interface: port, nowDbm: -40, usualDbm: -14.2 } },
      ]),
    })
    .where('id', '=', incidentId)
    .execute();
  return { incidentId, linkId: link.id as string, dark: new Set<string>(behind.map(({ id }) => id)) };
}

const testWords = {
  title: (cause: { name: string }) => `Serat ${cause.name} putus`,
  evidence: (evidence: readonly { key: string; arguments: Readonly<Record<string, unknown>> }[]) =>
    evidence.map(
      ({ arguments: given }) =>
        `Tidak ada cahaya yang masuk di ${String(given['device'])} ${String(given['interface'])}.`,
    ),
};
