import { describe, expect, it } from 'vitest';
import { evidenceArguments, evidenceKeys } from '../../domain/evidence-keys.ts';
import type { IncidentId, ServiceId } from '../../domain/ids.ts';
import { noticeKinds, type NoticeContent } from '../../domain/notice.ts';
import { evidencePhrases } from './evidence.ts';
import { holesOf, serviceRules } from './phrases.ts';
import { checkTemplate } from './templates.ts';
import { builtInTemplates, languages, placeholders, wordsOf } from './words.ts';

const since = Date.parse('2026-11-28T18:10:14Z');
const kahu: NoticeContent = {
  incidentId: '0198ffff-ffff-7fff-bfff-000000000001' as IncidentId,
  incidentNumber: 1287,
  severity: 'critical',
  cause: { kind: 'link', id: 'a', name: 'palattae--kahu', reason: 'failed', since, certainty: 0.97 },
  rule: 'link.down',
  since,
  place: {
    name: 'POP Palattae',
    latitude: -4.7,
    longitude: 120.1,
    at: 'rtr-palattae-01 sfp3',
    accessNotes: 'kunci di Pak Andi 0811',
  },
  evidence: [
    { key: 'link.no-light', arguments: { device: 'rtr-palattae-01', interface: 'sfp3', sinceAt: since } },
    { key: 'path.none', arguments: {} },
    { key: 'certainty', arguments: { percent: 97 } },
  ],
  impact: {
    sites: { village: 19, district: 0, agency: 0, pop: 0 },
    devices: 62,
    terminals: 19,
    services: [{ id: 'a' as ServiceId, name: 'e-Planning', sites: 19 }],
    siteIds: [],
  },
  before: null,
  lastedS: null,
  flaps: null,
  digest: [],
};
const bone = { timeZone: 'Asia/Makassar' };

describe('the words of a notice', () => {
  it('say in Indonesian what broke, how sure it is, since when, whom it hurts and where to go', () => {
    const { title, text } = wordsOf(kahu, 'opened', 'id', bone);
    expect(title).toBe('Sambungan palattae–kahu putus');
    expect(text.split('\n')).toEqual([
      'Hampir pasti, 97 %. Sejak 29 Nov, 02.10.14 WITA.',
      'Tidak ada cahaya yang masuk di rtr-palattae-01 sfp3. Tidak ada jalur lain.',
      'Gelap: 19 desa, 19 mesin absensi.',
      'Layanan hilang: e-Planning di 19 situs.',
      'Mulai dari POP Palattae, rtr-palattae-01 sfp3.',
      'Akses: kunci di Pak Andi 0811',
      'INS-1287',
    ]);
  });

  it('call a link between sites by the places that it joins, and by what it is made of', () => {
    const radio = { ...kahu, cause: { ...kahu.cause, link: { places: 'Palattae–Kahu', medium: 'radio' } } } as const;
    expect(wordsOf(radio, 'opened', 'id', bone).title).toBe('Radio Palattae–Kahu putus');
    expect(wordsOf(radio, 'opened', 'en', bone).title).toBe('Radio Palattae–Kahu is down');
  });

  it('say the same in English', () => {
    const { title, text } = wordsOf(kahu, 'opened', 'en', bone);
    expect(title).toBe('Link palattae–kahu is down');
    expect(text).toContain('Almost certain, 97 %. Since 29 Nov, 02:10:14 WITA.');
    expect(text).toContain('Dark: 19 villages, 19 attendance terminals.');
  });

  it('say how long it lasted once it is over', () => {
    const { title, text } = wordsOf({ ...kahu, lastedS: 2760 }, 'resolved', 'id', bone);
    expect(title).toBe('Pulih setelah 46 menit: Sambungan palattae–kahu putus');
    expect(text).toContain('Kembali hidup: 19 desa');
  });

  it('leave notes of access out of what goes to other companies', () => {
    expect(wordsOf(kahu, 'opened', 'id', { ...bone, leaves: true }).text).not.toContain('Pak Andi');
  });

  it('name the zone in which a time is told, whichever it is', () => {
    const jayapura = wordsOf(kahu, 'opened', 'id', { timeZone: 'Asia/Jayapura' }).text;
    expect(jayapura).toContain('03.10.14 WIT.');
    // New York set its clocks back four weeks before: what was said is the time that clocks there showed.
    const offset = wordsOf(kahu, 'opened', 'en', { timeZone: 'America/New_York' }).text;
    expect(offset).toContain('28 Nov, 13:10:14 GMT-05:00');
  });

  it('are there for every kind in both languages, with the same holes', () => {
    for (const kind of noticeKinds) {
      for (const language of ['id', 'en'] as const) {
        expect(wordsOf(kahu, kind, language, bone).title, `${kind} ${language}`).not.toBe('');
      }
      expect(holesOf(languages.id.titles[kind]).toSorted()).toEqual(holesOf(languages.en.titles[kind]).toSorted());
    }
    expect(holesIn(languages.id)).toEqual(holesIn(languages.en));
  });

  it('have a sentence for every key of evidence, with no hole that its arguments do not fill', () => {
    for (const key of evidenceKeys) {
      const allowed: readonly string[] = evidenceArguments[key];
      const [id, en] = [holesOf(evidencePhrases.id[key]), holesOf(evidencePhrases.en[key])];
      expect(id.toSorted(), key).toEqual(en.toSorted());
      for (const hole of id) expect(allowed, key).toContain(hole);
    }
  });

  it('say of a service what is wrong with it, and no name of a rule or code of a probe', () => {
    const cause = { kind: 'service', id: 'a', name: 'Integrasi Absensi', reason: 'rule', since, certainty: 1 } as const;
    const evidence = [{ key: 'service.failed', arguments: { service: 'Integrasi Absensi', reason: 'probe.slow' } }];
    for (const rule of serviceRules) {
      for (const language of ['id', 'en'] as const) {
        const { title, text } = wordsOf({ ...kahu, cause, rule, evidence }, 'opened', language, bone);
        expect(title).toContain('Integrasi Absensi');
        expect(`${title} ${text}`).not.toMatch(/service\.|probe\./);
      }
    }
    const { title, text } = wordsOf({ ...kahu, cause, rule: 'service.degraded', evidence }, 'opened', 'id', bone);
    expect(title).toBe('Layanan Integrasi Absensi terganggu');
    expect(text).toContain('Integrasi Absensi: menjawab terlalu lambat.');
  });

  it('show hostile names as text: no line of their own, no turned direction, no 64 kB', () => {
    const hostile = `<script>alert(1)</script>\u202e\u0000\n*gelap* [x](http://evil) ${'A'.repeat(65_536)}`;
    const content = { ...kahu, cause: { ...kahu.cause, name: hostile } };
    const { title, text } = wordsOf(content, 'opened', 'id', bone);
    expect(title.length).toBeLessThan(300);
    expect(title).toContain('<script>alert(1)</script> *gelap*');
    expect(`${title}${text.replaceAll('\n', '')}`).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    const arabic = wordsOf({ ...kahu, cause: { ...kahu.cause, name: 'قرية' } }, 'opened', 'id', bone).title;
    expect(arabic).toBe('Sambungan \u2068قرية\u2069 putus');
  });

  it('put values into an operator’s template, whose braces in names stay text', () => {
    const content = { ...kahu, cause: { ...kahu.cause, name: '{access}' } };
    const template = 'Tolong: {cause}\n{since}\n\n{impact}';
    expect(checkTemplate(template)).toEqual(['cause', 'since', 'impact']);
    const { title, text } = wordsOf(content, 'opened', 'id', { ...bone, template });
    expect(title).toBe('Tolong: Sambungan {access} putus');
    expect(text).toBe('Sejak 29 Nov, 02.10.14 WITA.\nGelap: 19 desa, 19 mesin absensi.');
  });

  it('are those of a template, so that an operator begins with what is sent', () => {
    for (const kind of noticeKinds) {
      const template = builtInTemplates[kind];
      expect(() => checkTemplate(template)).not.toThrow();
      expect(wordsOf(kahu, kind, 'id', { ...bone, template })).toEqual(wordsOf(kahu, kind, 'id', bone));
    }
    expect(wordsOf({ ...kahu, cause: { ...kahu.cause, reason: 'rule' } }, 'opened', 'id', bone).text).toMatch(
      /^Sejak /,
    );
  });

  it('refuse a template with a placeholder that nobody knows, by its name', () => {
    expect(() => checkTemplate('Halo {nama}')).toThrow(/\{nama\}/);
    expect(() => checkTemplate(' \n ')).toThrow(/empty/);
    expect(() => checkTemplate(placeholders.map((name) => `{${name}}`).join('\n'))).not.toThrow();
  });
});

/** Every sentence of a language by its path, as the holes that it has. */
function holesIn(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return [`${path}: ${holesOf(value).toSorted().join(' ')}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => holesIn(part, `${path}/${key}`));
}
