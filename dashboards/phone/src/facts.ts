import type { PhoneView } from '../../../src/alerting/phone/phone-view.ts';
import { h } from './dom.ts';
import { clock, figure, moment, type Language } from './format.ts';
import { drawMap } from './map.ts';
import { words } from './words.ts';

type Facts = NonNullable<PhoneView['facts']>;

/** Title, sentences, picture and what to take along. `now`: milliseconds, by Arung's clock. */
export function facts(view: PhoneView, known: Facts, language: Language, now: number): Node[] {
  const w = words[language];
  return [
    h('h1', {}, view.title),
    said(view, known, language),
    h('p', { class: 'sure' }, sureness(known.cause.certainty, language)),
    known.map === null ? '' : drawMap(known.map, `${w.map}: ${view.title}`, chip(view, known, language, now)),
    h('dl', { class: 'card' }, ...rows(known, language)),
  ].filter((node): node is HTMLElement => typeof node !== 'string');
}

function said(view: PhoneView, known: Facts, language: Language): HTMLElement {
  const w = words[language];
  const hurt = known.villages.length > 0 ? w.villages(known.villages.length) : w.sites(known.sites);
  const attendance =
    known.attendanceAt === null ? null : ` ${w.attendance(clock(known.attendanceAt, view.timeZone, language))}`;
  return h(
    'p',
    { class: 'say' },
    ...view.sentences.slice(0, 3).map((sentence) => `${sentence} `),
    known.sites === 0 ? null : h('b', {}, hurt),
    known.sites === 0 ? null : ` ${w.dark}`,
    attendance,
  );
}

/** The words of the design: from 99, 90, 70 and 50 percent. */
function sureness(certainty: number, language: Language): string {
  const percent = Math.round(certainty * 100);
  const step = [99, 90, 70, 50].findIndex((bound) => percent >= bound);
  const word = words[language].sureness[step === -1 ? 4 : step] ?? '';
  return step === 0 || step === -1 ? word : `${word}, ${percent} %`;
}

function chip(view: PhoneView, { cause }: Facts, language: Language, now: number): string {
  const w = words[language].chip;
  const word =
    cause.reason === 'power' ? w.power : cause.kind === 'link' || cause.kind === 'device' ? w[cause.kind] : w.other;
  return `${word} ${moment(cause.since, now, view.timeZone, language)}`;
}

function rows(known: Facts, language: Language): Node[] {
  const w = words[language];
  const { place, villages } = known;
  const optical = argumentsOf(known, 'link.optical-power');
  const voltage = argumentsOf(known, 'power.voltage');
  const made: [string, ...(Node | string)[]][] = [];
  if (place !== null) made.push([w.rows.start, h('b', {}, [place.name, place.at].filter(Boolean).join(', '))]);
  if (optical !== null) {
    made.push([
      w.rows.receives,
      h('b', {}, `${figure(optical['nowDbm'] ?? 0, language)} dBm`),
      optical['usualDbm'] === undefined ? '' : `, ${w.usually(figure(optical['usualDbm'], language))}`,
    ]);
  }
  if (voltage !== null) made.push([w.rows.power, `${figure(voltage['nowV'] ?? 0, language, 0)} V`]);
  if (villages.length > 0) made.push([w.rows.villages, folded(villages)]);
  if (known.services.length > 0) {
    made.push([w.rows.services, folded(known.services.map(({ name, sites }) => `${name} (${sites})`))]);
  }
  if (place !== null && place.address !== '') made.push([w.rows.address, place.address]);
  if (place !== null && place.accessNotes !== '') made.push([w.rows.access, place.accessNotes]);
  for (const contact of place?.contacts ?? []) {
    const who = [contact.name, contact.role].filter(Boolean).join(', ');
    const number = dialled(contact.phone);
    made.push([w.rows.key, number === '' ? who : h('a', { href: `tel:${number}` }, who)]);
  }
  const point = pointOf(place);
  if (point !== null) {
    const [latitude, longitude] = point;
    made.push([
      w.rows.way,
      ...mapLinks(latitude, longitude).map(([name, href]) => h('a', { href, rel: 'noreferrer' }, name)),
    ]);
  }
  return made.map(([term, ...what]) => h('div', {}, h('dt', {}, term), h('dd', {}, ...what)));
}

/** Three by name, the rest behind a press. */
function folded(names: readonly string[]): Node | string {
  const first = names.slice(0, 3).join(', ');
  if (names.length <= 3) return first;
  const rest = names.slice(3);
  return h('details', {}, h('summary', {}, `${first} `, h('b', {}, `+${rest.length}`)), rest.join(', '));
}

function argumentsOf(known: Facts, key: string): Readonly<Record<string, number>> | null {
  const found = known.evidence.find((each) => each.key === key)?.arguments;
  if (found === undefined) return null;
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/** What a telephone dials of what people wrote. */
export function dialled(phone: string): string {
  return phone.replaceAll(/[^+\d]/g, '').slice(0, 20);
}

function mapLinks(latitude: number, longitude: number): readonly (readonly [string, string])[] {
  const at = `${latitude},${longitude}`;
  return [
    ['Google Maps', `https://www.google.com/maps/dir/?api=1&destination=${at}`],
    ['OsmAnd', `https://osmand.net/map?pin=${at}#15/${latitude}/${longitude}`],
  ];
}

function pointOf(place: Facts['place']): readonly [latitude: number, longitude: number] | null {
  if (place === null || place.latitude === null || place.longitude === null) return null;
  return [place.latitude, place.longitude];
}

/** On Android whatever map the phone has; elsewhere the one that every phone opens. */
export function wayTo(place: Facts['place']): string | null {
  const point = pointOf(place);
  if (place === null || point === null) return null;
  const at = point.join(',');
  if (!/Android/i.test(navigator.userAgent)) return `https://www.google.com/maps/dir/?api=1&destination=${at}`;
  return `geo:${at}?q=${at}(${encodeURIComponent(place.name)})`;
}
