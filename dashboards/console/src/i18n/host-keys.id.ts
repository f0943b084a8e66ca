/** Kunci SSH: bagaimana sakelar dikenali. */
export const hostKeysId = {
  'host-keys.title': 'Kunci SSH',
  'host-keys.none': 'Belum ada kunci SSH',
  'host-keys.none-text': 'Kunci sebuah sakelar dicatat saat pertama kali ditemui lewat SSH, lalu selalu dibandingkan.',
  'host-keys.changed-text':
    '{count} perangkat menunjukkan kunci lain. Tidak ada yang dikirim ke sana sampai seorang administrator menerimanya.',
  'host-keys.known': 'Kunci yang dikenal',
  'host-keys.shown': 'Kunci yang ditunjukkan sekarang',
  'host-keys.since': 'Sejak',
  'host-keys.other': 'kunci lain, {age}',
  'host-keys.pinned': 'ditetapkan',
  'host-keys.first': 'dicatat saat pertama ditemui',
  'host-keys.accept': 'Terima kunci baru',
  'host-keys.accept-of': 'Terima kunci baru {name}',
  'host-keys.accept-text':
    'Terima hanya jika perangkat memang diganti atau kuncinya dibuat ulang. Jika tidak, seseorang mungkin berada di antara Arung dan perangkat.',
  'host-keys.reason': 'Alasan, disimpan di log audit',
  'error.host-key.not-offered': '{name} tidak menunjukkan kunci ini lagi. Muat ulang halaman.',
} as const;
