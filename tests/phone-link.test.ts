import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneView } from '../src/alerting/phone/phone-view.ts';
import { startTestPhone, type TestPhone } from './support/phone.ts';

/** What fetches a link to show a picture of it, before anybody pressed anything. */
const previewers = [
  'WhatsApp/2.23.20.0',
  'TelegramBot (like TwitterBot)',
  'facebookexternalhit/1.1',
  'Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)',
  'Slackbot-LinkExpanding 1.0',
];
const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
);

describe('a signed link over HTTP', () => {
  let phone: TestPhone;
  let logged = '';

  const ask = (path: string, options: RequestInit = {}) => fetch(`${phone.url}${path}`, options);
  const view = (token: string) => ask(`/api/v1/phone/${token}`);
  const shown = async (token: string) => (await (await view(token)).json()) as PhoneView;
  const press = (token: string, body: object, headers: Record<string, string> = {}) =>
    ask(`/api/v1/phone/${token}/actions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const code = async (answer: Response) => ((await answer.json()) as { code: string }).code;
  const everything = async () =>
    JSON.stringify([
      await phone.db.selectFrom('incidents').selectAll().orderBy('id').execute(),
      await phone.db.selectFrom('incident_entries').selectAll().orderBy('id').execute(),
      await phone.db.selectFrom('audit_log').selectAll().execute(),
    ]);

  beforeAll(async () => {
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        logged += chunk.toString();
        done();
      },
    });
    phone = await startTestPhone({ logger: pino({ level: 'trace' }, sink) });
  }, 240_000);
  afterAll(() => phone?.stop(), 60_000);

  it('changes nothing when it is opened, by whatever opens it', async () => {
    const before = await everything();
    for (const agent of previewers) {
      for (const method of ['GET', 'HEAD']) {
        const headers = { 'user-agent': agent, purpose: 'prefetch' };
        expect((await ask(`/i/${phone.token}`, { method, headers })).status).toBe(200);
        expect((await ask(`/api/v1/phone/${phone.token}`, { method, headers })).status).toBe(200);
      }
    }
    expect((await ask(`/i/${phone.token}`, { method: 'POST' })).status).toBe(404);
    expect((await ask(`/api/v1/phone/${phone.token}/actions`)).status).toBe(404);
    expect(await everything()).toBe(before);
  });

  it('serves one page for every token, that tells nothing, runs nothing foreign and is found by no search', async () => {
    const page = await ask(`/i/${phone.token}`);
    const wrong = await ask('/i/tidak-ada');
    expect(await page.text()).toBe(await wrong.text());
    expect(wrong.status).toBe(200);
    for (const answer of [page, await view(phone.token)]) {
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('x-robots-tag')).toContain('noindex');
    }
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[^']+';style-src 'sha256-[^']+'/);
    expect(policy).not.toContain('unsafe');
  });

  it('shows its incident to its person, in their language, and no other', async () => {
    const andi = await shown(phone.token);
    expect(andi).toMatchObject({ language: 'id', person: { name: 'Andi Baso' }, incident: { name: 'INS-1' } });
    expect(andi.facts?.place).toMatchObject({ name: 'POP Palattae', at: 'sfp-sfpplus4' });
    expect(andi.facts?.villages).toContain('Nusa');
    const besse = await shown(phone.links.tokenFor(phone.incident, phone.besse));
    expect(besse).toMatchObject({ language: 'en', person: { name: 'Besse Tenri' } });
    const other = await shown(phone.links.tokenFor(phone.other, phone.andi));
    expect(other).toMatchObject({ incident: { name: 'INS-2' }, facts: { villages: [], map: null } });
  });

  it('is asked again at no cost while nothing changed', async () => {
    const first = await view(phone.token);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await ask(`/api/v1/phone/${phone.token}`, { headers })).status).toBe(304);
  });

  it('refuses what is forged, alike for reading and writing', async () => {
    const forged = `${phone.token.slice(0, -1)}${phone.token.endsWith('A') ? 'B' : 'A'}`;
    for (const token of [forged, 'x', phone.token.toLowerCase(), `${phone.token}x`]) {
      for (const answer of [
        await view(token),
        await press(token, { requestId: crypto.randomUUID(), action: 'take' }),
      ]) {
        expect(answer.status).toBe(404);
        expect(await code(answer)).toBe('link.invalid');
      }
    }
  });

  it('does what is pressed once, however often it is sent', async () => {
    const body = { requestId: crypto.randomUUID(), action: 'take', at: new Date().toISOString() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => press(phone.token, body)));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    const entries = await phone.db.selectFrom('incident_entries').selectAll().where('key', '=', 'taken').execute();
    expect(entries).toMatchObject([{ actor: 'Andi Baso', via: 'phone', incident_id: phone.incident }]);
    expect((await shown(phone.token)).incident).toMatchObject({
      stage: 'taken',
      takenBy: { name: 'Andi Baso', isYou: true },
    });
    const besse = await shown(phone.links.tokenFor(phone.incident, phone.besse));
    expect(besse.incident.takenBy).toEqual({ name: 'Andi Baso', isYou: false });
  });

  it('keeps the time of a press that came late, but none of before the incident or of tomorrow', async () => {
    const { opened_at: opened } = await phone.db
      .selectFrom('incidents')
      .select('opened_at')
      .where('id', '=', phone.incident)
      .executeTakeFirstOrThrow();
    const late = new Date(opened.getTime() + 20_000);
    for (const [text, at] of [
      ['tadi', late],
      ['dulu', new Date(0)],
      ['besok', new Date(Date.now() + 86_400_000)],
    ] as const) {
      await press(phone.token, { requestId: crypto.randomUUID(), action: 'comment', text, at: at.toISOString() });
    }
    const entries = await phone.db.selectFrom('incident_entries').selectAll().where('key', '=', 'comment').execute();
    const atOf = (body: string) => entries.find((entry) => entry.body === body)?.at.getTime() ?? 0;
    expect(atOf('tadi')).toBe(late.getTime());
    expect(atOf('dulu')).toBe(opened.getTime());
    expect(Math.abs(atOf('besok') - Date.now())).toBeLessThan(60_000);
  });

  it('is nobody’s again when it was handed back, and each press is in the audit log by its person', async () => {
    await press(phone.token, { requestId: crypto.randomUUID(), action: 'hand-back' });
    expect((await shown(phone.token)).incident).toMatchObject({ stage: 'new', takenBy: null, takenAt: null });
    await press(phone.token, { requestId: crypto.randomUUID(), action: 'mute', minutes: 120, text: 'tiang' });
    const silences = await phone.db.selectFrom('silences').selectAll().execute();
    expect(silences).toMatchObject([{ reason: 'tiang', matchers: [{ field: 'incident', values: ['INS-1'] }] }]);
    const audited = await phone.db.selectFrom('audit_log').selectAll().where('entity_kind', '=', 'incident').execute();
    expect(audited.map((entry) => entry.action)).toEqual(expect.arrayContaining(['taken', 'stage', 'muted']));
    expect(JSON.stringify(audited)).toContain('Andi Baso');
  });

  it('begins planned work at the place it names, where its person may, and only mutes where they may not', async () => {
    expect((await shown(phone.token)).facts?.workAt).toBe('POP Palattae');
    const body = { requestId: crypto.randomUUID(), action: 'work', minutes: 120, text: 'sambung serat' };
    expect((await press(phone.token, body)).status).toBe(204);
    expect((await press(phone.token, body)).status).toBe(204);
    const work = await phone.db
      .selectFrom('maintenance')
      .innerJoin('sites', 'sites.id', 'maintenance.site_id')
      .select(['sites.name', 'maintenance.reason', 'maintenance.starts_at', 'maintenance.ends_at'])
      .execute();
    expect(work).toMatchObject([{ name: 'POP Palattae', reason: 'INS-1: sambung serat' }]);
    expect((work[0]?.ends_at.getTime() ?? 0) - (work[0]?.starts_at.getTime() ?? 0)).toBe(7_200_000);
    const audited = await phone.db
      .selectFrom('audit_log')
      .selectAll()
      .where('entity_kind', '=', 'maintenance-window')
      .execute();
    expect(audited).toMatchObject([{ action: 'create', actor_name: 'Andi Baso (phone)' }]);

    await phone.db
      .updateTable('people')
      .set({ region_codes: ['73.71'] })
      .where('id', '=', phone.besse)
      .execute();
    const besse = phone.links.tokenFor(phone.incident, phone.besse);
    expect((await shown(besse)).facts?.workAt).toBeNull();
    const refused = await press(besse, { ...body, requestId: crypto.randomUUID() });
    expect(refused.status).toBe(403);
    expect(await code(refused)).toBe('incident.work-outside');
    await phone.db.updateTable('people').set({ region_codes: [] }).where('id', '=', phone.besse).execute();
  });

  it('takes no press from a page of another site', async () => {
    const body = { requestId: crypto.randomUUID(), action: 'fixed' };
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as const) {
      expect((await press(phone.token, body, headers)).status).toBe(403);
    }
  });

  it('keeps of a photo the picture alone', async () => {
    const exif = Buffer.from('Exif\0\0GPS -4.9781 120.1207');
    const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
    const given = Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2), Buffer.from([0xff, 0xd9])]);
    const send = (body: Buffer, type: string) =>
      ask(`/api/v1/phone/${phone.token}/photos?requestId=${crypto.randomUUID()}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: new Uint8Array(body),
      });
    expect((await send(given, 'image/jpeg')).status).toBe(204);
    const photos = await phone.db.selectFrom('incident_photos').selectAll().execute();
    expect(photos).toHaveLength(1);
    expect(photos[0]?.media_type).toBe('image/jpeg');
    expect(photos[0]?.bytes.includes('GPS')).toBe(false);
    expect(photos[0]?.bytes.equals(Buffer.concat([jpeg, Buffer.from([0xff, 0xd9])]))).toBe(true);
    expect((await send(Buffer.from('<script>alert(1)</script>'), 'image/png')).status).toBe(400);
    expect((await send(given, 'text/html')).status).toBe(415);
    expect((await send(Buffer.alloc(4 * 1024 * 1024), 'image/jpeg')).status).toBe(413);
  });

  it('shows hostile text as it was written', async () => {
    const text = '<script>alert(1)</script> *tebal* \u202etxet';
    expect((await press(phone.token, { requestId: crypto.randomUUID(), action: 'comment', text })).status).toBe(204);
    const { facts } = await shown(phone.token);
    expect(facts?.log.find((entry) => entry.key === 'comment')).toMatchObject({ text });
  });

  it('ends with its incident: says so for a day, without what it showed, and does nothing more', async () => {
    const endedAt = (hoursAgo: number) =>
      phone.db
        .updateTable('incidents')
        .set({ state: 'resolved', ended_at: new Date(Date.now() - hoursAgo * 3_600_000) })
        .where('id', '=', phone.incident)
        .execute();
    await endedAt(0);
    const refused = await press(phone.token, { requestId: crypto.randomUUID(), action: 'comment', text: 'nanti' });
    expect([refused.status, await code(refused)]).toEqual([403, 'link.ended']);
    const over = await view(phone.token);
    const text = await over.text();
    expect(JSON.parse(text)).toMatchObject({ incident: { state: 'resolved' }, facts: null, sentences: [] });
    expect(text).not.toMatch(/Meja NOC|\+62|kunci/);
    await endedAt(24.1);
    const later = await view(phone.token);
    expect([later.status, await code(later)]).toEqual([403, 'link.ended']);
    await phone.db
      .updateTable('incidents')
      .set({ state: 'open', ended_at: null })
      .where('id', '=', phone.incident)
      .execute();
  });

  it('ends when its person is made inactive', async () => {
    const token = phone.links.tokenFor(phone.incident, phone.besse);
    expect((await view(token)).status).toBe(200);
    await phone.db.updateTable('people').set({ active: false }).where('id', '=', phone.besse).execute();
    expect((await view(token)).status).toBe(404);
    expect((await press(token, { requestId: crypto.randomUUID(), action: 'take' })).status).toBe(404);
  });

  it('slows down who presses without end', async () => {
    const token = phone.links.tokenFor(phone.other, phone.andi);
    const statuses: number[] = [];
    for (let round = 0; round < 32; round++) {
      statuses.push(
        (await press(token, { requestId: crypto.randomUUID(), action: 'comment', text: `${round}` })).status,
      );
    }
    expect(statuses.slice(0, 30).every((status) => status === 204)).toBe(true);
    expect(statuses.slice(30)).toEqual([429, 429]);
  });

  it('stands in no log', async () => {
    await press(phone.token, { requestId: 'kein-uuid', action: 'take' });
    await ask(`/api/v1/phone/${phone.token}/nichts`);
    await ask(`/i/${phone.token}/nichts`);
    expect(logged.length).toBeGreaterThan(1000);
    expect(logged).toContain('/api/v1/phone/:token');
    for (const token of [phone.token, phone.links.tokenFor(phone.other, phone.andi)]) {
      expect(logged).not.toContain(token);
    }
  });
});
