import type { Evidence } from '../../domain/incident.ts';

/**
 * Words of the built-in rules, by key: their names, and what is said with the figures they fire on (`{value}`, `{bound}`,
 * `{field}`). The console has the same in its catalogues.
 */
export const ruleWords: Readonly<
  Record<string, Readonly<Record<'id' | 'en', { readonly name: string; readonly says: string }>>>
> = {
  'link.load': {
    id: { name: 'Beban tautan', says: 'terpakai {value} % dari kecepatannya, batas {bound} %' },
    en: { name: 'Link load', says: '{value} % of its speed in use, bound {bound} %' },
  },
  'link.errors': {
    id: { name: 'Galat pada tautan', says: '{value} galat per detik, batas {bound}' },
    en: { name: 'Errors on a link', says: '{value} errors a second, bound {bound}' },
  },
  'link.discards': {
    id: { name: 'Paket dibuang pada tautan', says: '{value} paket dibuang per detik, batas {bound}' },
    en: { name: 'Discards on a link', says: '{value} packets discarded a second, bound {bound}' },
  },
  'link.flapping': {
    id: { name: 'Tautan naik turun', says: 'berulang kali putus dan tersambung' },
    en: { name: 'Link flaps', says: 'goes down and up again and again' },
  },
  'optical.low': {
    id: { name: 'Cahaya diterima lemah', says: 'menerima {value} dBm, batas {bound} dBm' },
    en: { name: 'Received light low', says: 'receives {value} dBm, bound {bound} dBm' },
  },
  'optical.fading': {
    id: { name: 'Cahaya diterima meredup', says: 'menerima {value} dBm, biasanya di atas {bound} dBm' },
    en: { name: 'Received light fades', says: 'receives {value} dBm, usually above {bound} dBm' },
  },
  'signal.fading': {
    id: { name: 'Sinyal radio melemah', says: 'sinyal {value} dBm, biasanya di atas {bound} dBm' },
    en: { name: 'Radio signal fades', says: 'signal {value} dBm, usually above {bound} dBm' },
  },
  'device.cpu': {
    id: { name: 'Beban CPU', says: 'CPU {value} %, batas {bound} %' },
    en: { name: 'CPU load', says: 'CPU {value} %, bound {bound} %' },
  },
  'device.memory': {
    id: { name: 'Memori', says: 'memori terpakai {value} %, batas {bound} %' },
    en: { name: 'Memory', says: 'memory {value} % in use, bound {bound} %' },
  },
  'temperature.high': {
    id: { name: 'Suhu tinggi', says: '{field} {value} °C, batas {bound} °C' },
    en: { name: 'Temperature high', says: '{field} {value} °C, bound {bound} °C' },
  },
  'temperature.cpu': {
    id: { name: 'Suhu prosesor tinggi', says: '{field} {value} °C, batas {bound} °C' },
    en: { name: 'Processor temperature high', says: '{field} {value} °C, bound {bound} °C' },
  },
  'temperature.battery': {
    id: { name: 'Suhu baterai tinggi', says: 'baterai {value} °C, batas {bound} °C' },
    en: { name: 'Battery temperature high', says: 'battery {value} °C, bound {bound} °C' },
  },
  'fan.slow': {
    id: { name: 'Kipas lambat', says: '{field} {value} rpm, biasanya di atas {bound} rpm' },
    en: { name: 'Fan slow', says: '{field} {value} rpm, usually above {bound} rpm' },
  },
  'ups.on-battery': {
    id: { name: 'UPS memakai baterai', says: 'listrik PLN padam di sana, UPS memakai baterai' },
    en: { name: 'UPS on battery', says: 'mains power is gone there, the UPS lives on its battery' },
  },
  'ups.minutes-left': {
    id: { name: 'Sisa menit baterai UPS', says: 'baterai tersisa {value} menit, batas {bound} menit' },
    en: { name: 'UPS minutes left', says: '{value} minutes of battery left, bound {bound} minutes' },
  },
  'ups.charge': {
    id: { name: 'Isi baterai UPS', says: 'isi baterai {value} %, batas {bound} %' },
    en: { name: 'UPS charge', says: 'battery charged to {value} %, bound {bound} %' },
  },
  'ups.load': {
    id: { name: 'Beban UPS', says: 'beban {value} % dari kemampuannya, batas {bound} %' },
    en: { name: 'UPS load', says: 'load {value} % of what it can carry, bound {bound} %' },
  },
  'voltage.mains-low': {
    id: { name: 'Tegangan PLN rendah', says: '{value} V, batas {bound} V' },
    en: { name: 'Mains voltage low', says: '{value} V, bound {bound} V' },
  },
  'voltage.mains-high': {
    id: { name: 'Tegangan PLN tinggi', says: '{value} V, batas {bound} V' },
    en: { name: 'Mains voltage high', says: '{value} V, bound {bound} V' },
  },
  'voltage.low': {
    id: { name: 'Tegangan suplai turun', says: '{field} {value} V, biasanya di atas {bound} V' },
    en: { name: 'Supply voltage low', says: '{field} {value} V, usually above {bound} V' },
  },
  'terminal.clock-drift': {
    id: { name: 'Jam mesin absensi melenceng', says: 'jamnya melenceng {value} s, batas {bound} s' },
    en: { name: 'Terminal clock off', says: 'its clock is {value} s off, bound {bound} s' },
  },
  'terminal.backlog': {
    id: { name: 'Catatan mesin absensi menumpuk', says: 'catatan mengisi {value} % kapasitasnya, batas {bound} %' },
    en: { name: 'Terminal records pile up', says: 'records fill {value} % of its capacity, bound {bound} %' },
  },
  'terminal.no-punches': {
    id: { name: 'Tidak ada yang absen', says: 'absen terakhir {value} s lalu, padahal kantor buka' },
    en: { name: 'Nobody clocks in', says: 'last punch {value} s ago, and the office is open' },
  },
  'reachability.loss': {
    id: { name: 'Paket hilang', says: '{value} % paket hilang, batas {bound} %' },
    en: { name: 'Packet loss', says: '{value} % of packets lost, bound {bound} %' },
  },
  'reachability.slow': {
    id: { name: 'Waktu tempuh lama', says: 'waktu tempuh {value} ms, biasanya di bawah {bound} ms' },
    en: { name: 'Round trip slow', says: 'round trip {value} ms, usually below {bound} ms' },
  },
  'service.slow': {
    id: { name: 'Layanan lambat', says: 'menjawab dalam {value} ms, biasanya di bawah {bound} ms' },
    en: { name: 'Service slow', says: 'answers in {value} ms, usually below {bound} ms' },
  },
  'service.very-slow': {
    id: { name: 'Layanan sangat lambat', says: 'menjawab dalam {value} ms, batas {bound} ms' },
    en: { name: 'Service very slow', says: 'answers in {value} ms, bound {bound} ms' },
  },
  'service.clock': {
    id: { name: 'Server waktu melenceng', says: 'jamnya melenceng {value} ms, batas {bound} ms' },
    en: { name: 'Time server off', says: 'its clock is {value} ms off, bound {bound} ms' },
  },
  'certificate.ends': {
    id: { name: 'Sertifikat akan berakhir', says: 'berakhir dalam {value} hari' },
    en: { name: 'Certificate ends', says: 'ends in {value} days' },
  },
  'certificate.ends-soon': {
    id: { name: 'Sertifikat segera berakhir', says: 'berakhir dalam {value} hari' },
    en: { name: 'Certificate ends in days', says: 'ends in {value} days' },
  },
  'licence.ends': {
    id: { name: 'Lisensi router akan berakhir', says: 'RouterOS boleh diperbarui {value} hari lagi' },
    en: { name: 'Licence of a router ends', says: 'RouterOS may be upgraded for {value} more days' },
  },
};

/** What a person calls a rule: built-in ones in their language, others as whoever wrote them named them. */
export function ruleName(rule: string, language: 'id' | 'en'): string {
  return Object.hasOwn(ruleWords, rule) ? (ruleWords[rule]?.[language].name ?? rule) : rule;
}

/** What a built-in rule says with its figures, for evidence of the kind `rule.value`; null for any other rule. */
export function ruleSentence(evidence: Evidence, language: 'id' | 'en'): string | null {
  const { rule } = evidence.arguments;
  if (typeof rule !== 'string' || !Object.hasOwn(ruleWords, rule)) return null;
  const says = ruleWords[rule]?.[language].says ?? '';
  return says.replace(/\{(\w+)\}/g, (_, name: string) => String(evidence.arguments[name] ?? '?'));
}

/** The same of what no rule can be changed to: names only, since they fire on no figure. */
export const fixedRuleWords: Readonly<Record<string, Readonly<Record<'id' | 'en', { readonly name: string }>>>> = {
  'rollout.reverted': { id: { name: 'Konfigurasi kembali seperti semula' }, en: { name: 'Configuration went back' } },
  'rollout.lost': {
    id: { name: 'Diam sejak konfigurasinya diubah' },
    en: { name: 'Silent since its configuration was changed' },
  },
};
