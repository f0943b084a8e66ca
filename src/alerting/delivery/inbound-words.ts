import type { Language } from '../words/figures.ts';

/** What Arung answers to who wrote to it. `{name}` of an incident, `{minutes}`, `{query}`. */
export interface InboundWords {
  readonly taken: string;
  readonly onTheWay: string;
  readonly fixed: string;
  readonly muted: string;
  readonly commented: string;
  readonly noIncident: string;
  readonly refused: string;
  readonly nothingFound: string;
  readonly noneOpen: string;
  readonly needsUser: string;
  /** `{region}` `{up}` `{all}` `{down}` `{unreachable}` `{unknown}` */
  readonly regionLine: string;
  readonly help: string;
}

export const inboundWords: Readonly<Record<Language, InboundWords>> = {
  id: {
    taken: '{name}: Anda yang menangani.',
    onTheWay: '{name}: dicatat, Anda di jalan.',
    fixed: '{name}: dicatat sudah pulih. Arung memeriksa sendiri.',
    muted: '{name}: diam {minutes} menit.',
    commented: '{name}: dicatat.',
    noIncident: 'Tidak ada insiden yang sedang dikirim kepada Anda. Balas pesan insidennya, atau sebut nomornya.',
    refused: 'Tidak dapat: {reason}',
    nothingFound: 'Tidak ada wilayah bernama {query} di wilayah Anda.',
    noneOpen: 'Tidak ada insiden terbuka.',
    needsUser: 'Untuk /status, akun Arung Anda harus terhubung ke nama Anda di daftar orang.',
    regionLine:
      '{region}: {up} dari {all} situs hidup, {down} mati, {unreachable} tak terjangkau, {unknown} tak diketahui.',
    help: [
      '/status KECAMATAN – keadaan sebuah wilayah dan insidennya',
      '/ack [INS-1] – saya ambil',
      '/mute 2h [INS-1] alasan – diam selama itu (30m, 2h, 1d)',
      'Balas pesan insiden dengan tulisan biasa – masuk ke catatannya',
      '"2 jam kerja di sini" – sama dengan /mute 2h',
    ].join('\n'),
  },
  en: {
    taken: '{name}: it is yours.',
    onTheWay: '{name}: noted, you are on your way.',
    fixed: '{name}: noted as fixed. Arung looks for itself.',
    muted: '{name}: muted for {minutes} minutes.',
    commented: '{name}: noted.',
    noIncident: 'No incident is being told to you. Reply to its message, or name its number.',
    refused: 'Not possible: {reason}',
    nothingFound: 'There is no region called {query} among yours.',
    noneOpen: 'No open incidents.',
    needsUser: 'For /status your Arung account must be linked to your name in the list of people.',
    regionLine: '{region}: {up} of {all} sites up, {down} down, {unreachable} unreachable, {unknown} unknown.',
    help: [
      '/status DISTRICT – the state of a region, and its incidents',
      '/ack [INS-1] – I take it',
      '/mute 2h [INS-1] reason – nobody is told for so long (30m, 2h, 1d)',
      'Reply to the message of an incident in plain words – goes into its log',
      '"2 hours of work here" – the same as /mute 2h',
    ].join('\n'),
  },
};
