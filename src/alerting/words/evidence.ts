import { evidenceKeys, type EvidenceKey } from '../../domain/evidence-keys.ts';
import type { Evidence } from '../../domain/incident.ts';
import { ruleWords } from '../rules/rule-words.ts';
import { duration, number, type Language } from './figures.ts';
import { fill } from './phrases.ts';
import { serviceReasons } from './service-reasons.ts';
import { shownName } from './shown-text.ts';

/** A sentence for each thing that can speak for a cause; holes are the key's arguments. Empty: said elsewhere. */
export const evidencePhrases: Readonly<Record<Language, Readonly<Record<EvidenceKey, string>>>> = {
  id: {
    'link.no-light': 'Tidak ada cahaya yang masuk di {device} {interface}.',
    'link.port-down': 'Port {interface} di {device} mati.',
    'link.near-up': 'Port {interface} di {device} masih hidup: yang rusak di seberang atau di antaranya.',
    'link.dark-end': 'Yang gelap ujung {device} di {site}.',
    'link.optical-power': '{device} {interface} menerima {nowDbm} dBm, biasanya {usualDbm} dBm.',
    'device.silent': '{device} tidak menjawab.',
    'device.light-seen': '{neighbour} {interface} masih melihat cahaya dari {device}: listrik ada, perangkat macet.',
    'device.light-gone': '{neighbours} tetangganya kehilangan cahaya dari {device}: tanpa listrik, atau rusak.',
    'device.restarted': '{device} baru menyala {uptimeS} ketika kembali.',
    'power.on-battery': 'UPS di {site} memakai baterai.',
    'power.voltage': 'Tegangan di {device} {nowV} V, biasanya {usualV} V.',
    'power.at-once': '{sites} situs tanpa sambungan bersama gelap dalam {withinS}.',
    'power.confirmed': '{devices} perangkat baru menyala ketika kembali: listriknya memang padam.',
    'risk.covered': '{failed} dari {all} yang melewati {risk} putus.',
    'path.redundant': 'Ada jalur lain: tidak ada yang terputus, tetapi tidak ada cadangan lagi.',
    'path.none': 'Tidak ada jalur lain.',
    'agent.silent': 'Agen {agent} tidak melapor.',
    'agent.unseen': '{devices} perangkat tak diketahui, bukan mati.',
    'own.part': '{part} tidak bekerja, {waiting} menunggu. Jaringan tidak dinyatakan mati.',
    'own.disk':
      'Cakram server Arung penuh atau rusak, {waiting} titik ukur menunggu: bebaskan ruang di folder datanya. Jaringan tidak dinyatakan mati.',
    'own.uplink': 'Tidak ada yang menjawab dari tempat Arung ({device}): {devices} perangkat tak diketahui.',
    'own.no-carrier': 'Antarmuka {interface} di server Arung tidak mendapat sinyal: periksa kabelnya.',
    'own.no-route': 'Server Arung tidak punya rute ke {address}.',
    'own.first-hop':
      '{address} di {interface} tidak menjawab server Arung: kabel, sakelar, atau perangkat itu sendiri.',
    'service.failed': '{service}: {reason}.',
    'service.lost': '{lost} dari {users} situs tidak dapat memakai {service}.',
    'rule.value': '{field} sekarang {value}, batasnya {bound}.',
    'rule.holds': '',
    'rollout.reverted':
      'Peluncuran {rollout} tidak dikonfirmasi pada waktunya: {device} kembali ke konfigurasi sebelumnya.',
    'rollout.lost': '{device} tidak menjawab sejak peluncuran {rollout}, juga setelah waktunya kembali sendiri.',
    'foreign.said': '{program}: {summary}',
    certainty: '',
  },
  en: {
    'link.no-light': 'No light comes in at {device} {interface}.',
    'link.port-down': 'Port {interface} of {device} is down.',
    'link.near-up': 'Port {interface} of {device} is still up: the far end failed, or what lies between.',
    'link.dark-end': 'The dark end is {device} at {site}.',
    'link.optical-power': '{device} {interface} receives {nowDbm} dBm, usually {usualDbm} dBm.',
    'device.silent': '{device} does not answer.',
    'device.light-seen': '{neighbour} {interface} still sees light from {device}: it has power, and hangs.',
    'device.light-gone': '{neighbours} of its neighbours lost the light from {device}: no power, or broken.',
    'device.restarted': '{device} had been up for {uptimeS} when it was back.',
    'power.on-battery': 'The UPS at {site} is on battery.',
    'power.voltage': 'Voltage at {device} is {nowV} V, usually {usualV} V.',
    'power.at-once': '{sites} sites with no link in common went dark within {withinS}.',
    'power.confirmed': '{devices} devices had just started when they were back: the power was out.',
    'risk.covered': '{failed} of {all} that pass {risk} failed.',
    'path.redundant': 'There is another path: nobody is cut off, but nothing is left to fail.',
    'path.none': 'There is no other path.',
    'agent.silent': 'Agent {agent} does not report.',
    'agent.unseen': '{devices} devices are unknown, not down.',
    'own.part': '{part} does not work, {waiting} wait for it. Nothing is declared down.',
    'own.disk':
      'The disk of Arung’s server is full or broken, {waiting} points wait: free space in its data folder. Nothing is declared down.',
    'own.uplink': 'Nothing answers from where Arung stands ({device}): {devices} devices are unknown.',
    'own.no-carrier': 'Interface {interface} of Arung’s server has no carrier: check its cable.',
    'own.no-route': 'Arung’s server has no route to {address}.',
    'own.first-hop':
      '{address} on {interface} does not answer Arung’s server: the cable, the switch, or the device itself.',
    'service.failed': '{service}: {reason}.',
    'service.lost': '{lost} of {users} sites cannot use {service}.',
    'rule.value': '{field} is {value}, its bound is {bound}.',
    'rule.holds': '',
    'rollout.reverted': 'Rollout {rollout} was not confirmed in time: {device} is back at its configuration before.',
    'rollout.lost': '{device} has not answered since rollout {rollout}, nor after it should have gone back by itself.',
    'foreign.said': '{program}: {summary}',
    certainty: '',
  },
};

/** The parts of Arung by a name that a person knows. */
const parts: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  id: { database: 'Basis data', broker: 'Broker MQTT', metrics: 'Penyimpan metrik' },
  en: { database: 'The database', broker: 'The MQTT broker', metrics: 'The metric store' },
};

const known: ReadonlySet<string> = new Set(evidenceKeys);
const mostSentences = 4;

/** The sentences of what was observed, in the order of the evidence; a key of a later release says nothing. */
export function evidenceSentences(evidence: readonly Evidence[], language: Language): string[] {
  return evidence
    .filter((each): each is Evidence & { key: EvidenceKey } => known.has(each.key))
    .map((each) => evidenceSentence(each.key, each.arguments, language))
    .filter((sentence) => sentence !== '')
    .slice(0, mostSentences);
}

type Arguments = Evidence['arguments'];

/** What nobody knows leaves its sentence unsaid: half a sentence helps nobody. */
function evidenceSentence(key: EvidenceKey, given: Arguments, language: Language): string {
  const sentence = evidencePhrases[language][key];
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue;
    values[name] = shown(name, value, language);
  }
  if ((key === 'own.part' || key === 'own.disk') && values['waiting'] === undefined) values['waiting'] = '0';
  // A built-in rule says with its unit what it fired on.
  const rule = key === 'rule.value' ? ruleWords[String(given['rule'])]?.[language].says : undefined;
  if (rule !== undefined) return `${capital(fill(rule, values))}.`;
  const isWhole = [...sentence.matchAll(/\{([a-zA-Z]+)\}/g)].every(([, name = '']) => values[name] !== undefined);
  return isWhole ? fill(sentence, values) : '';
}

function shown(name: string, value: string | number | boolean, language: Language): string {
  if (typeof value === 'number') {
    return name.endsWith('S') ? duration(value, language) : number(value, language);
  }
  const text = String(value);
  if (name === 'part') return parts[language][text] ?? shownName(text);
  if (name === 'reason') return serviceReasons[text]?.[language] ?? shownName(text);
  return shownName(text);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
