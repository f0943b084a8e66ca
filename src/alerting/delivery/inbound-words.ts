import type { Language } from '../words/figures.ts';

/** What Arung answers to who wrote to it. `{name}` of an incident, `{minutes}`, `{query}`. */
export interface InboundWords {
  readonly taken: string;
  readonly onTheWay: string;
  readonly fixed: string;
  readonly muted: string;
  readonly workBegun: string;
  readonly commented: string;
  readonly noIncident: string;
  /** `{reason}`: of `reasons`, by the code of the error, with its arguments as holes. */
  readonly refused: string;
  readonly reasons: Readonly<Record<string, string>>;
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
    workBegun:
      '{name}: pekerjaan terencana di tempat ini dibuka {minutes} menit. Tidak ada pesan dari sini selama itu.',
    commented: '{name}: dicatat.',
    noIncident: 'Tidak ada insiden yang sedang dikirim kepada Anda. Balas pesan insidennya, atau sebut nomornya.',
    refused: 'Tidak dapat: {reason}',
    reasons: {
      'incident.over': '{name} sudah selesai.',
      'incident.no-site': '{name} tidak berada di satu situs. Pakai /mute 2h.',
      'incident.work-outside': '{site} di luar wilayah Anda. Pakai /mute 2h untuk {name}.',
      'incident.work-too-long': 'pekerjaan dari pesan paling lama {hours} jam. Yang lebih lama direncanakan di konsol.',
      'incident.bad-comment': 'catatan berisi 1 sampai {most} huruf.',
    },
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
      '"2 jam kerja di sini" atau /kerja 2h – pekerjaan terencana di tempat insiden, paling lama 24 jam',
    ].join('\n'),
  },
  en: {
    taken: '{name}: it is yours.',
    onTheWay: '{name}: noted, you are on your way.',
    fixed: '{name}: noted as fixed. Arung looks for itself.',
    muted: '{name}: muted for {minutes} minutes.',
    workBegun: '{name}: planned work is open at this place for {minutes} minutes. Nobody is told of it meanwhile.',
    commented: '{name}: noted.',
    noIncident: 'No incident is being told to you. Reply to its message, or name its number.',
    refused: 'Not possible: {reason}',
    reasons: {
      'incident.over': '{name} is over.',
      'incident.no-site': '{name} is at no single site. Use /mute 2h.',
      'incident.work-outside': '{site} lies outside your areas. Use /mute 2h for {name}.',
      'incident.work-too-long':
        'work that begins with a message lasts at most {hours} hours. Plan longer work in the console.',
      'incident.bad-comment': 'a note has 1 to {most} characters.',
    },
    nothingFound: 'There is no region called {query} among yours.',
    noneOpen: 'No open incidents.',
    needsUser: 'For /status your Arung account must be linked to your name in the list of people.',
    regionLine: '{region}: {up} of {all} sites up, {down} down, {unreachable} unreachable, {unknown} unknown.',
    help: [
      '/status DISTRICT – the state of a region, and its incidents',
      '/ack [INS-1] – I take it',
      '/mute 2h [INS-1] reason – nobody is told for so long (30m, 2h, 1d)',
      'Reply to the message of an incident in plain words – goes into its log',
      '"2 hours of work here" or /work 2h – planned work at the place of the incident, at most 24 hours',
    ].join('\n'),
  },
};
