/** Why a message was not taken by its channel, and what to do, Indonesian: by the codes of `ChannelProblem`. */
export const sendingId = {
  'error.sending.no-answer':
    '{server} tidak menjawab ({reason}). Periksa alamatnya, dan apakah terjangkau dari server Arung.',
  'error.sending.asks-to-wait': '{server} minta ditunggu ({said}). Dicoba lagi nanti.',
  'error.sending.server-fails': '{server} menjawab {said}. Dicoba lagi.',
  'error.sending.sends-elsewhere':
    '{server} menjawab {said}: alamatnya sudah pindah. Ganti alamat saluran dengan yang ditunjuknya.',
  'error.sending.not-let-in': '{server} menjawab {said}. Periksa token atau kata sandi saluran ini.',
  'error.sending.refused': '{server} menjawab {said}. Periksa alamat orang ini dan setelan saluran.',
  'error.sending.not-confirmed': '{server} tidak memastikan pesan diterima. Periksa akun di sana.',
  'error.sending.keys-apart': 'Kedua kunci VAPID bukan pasangan. Buat pasangan baru dan simpan keduanya.',
  'error.sending.subscription-ended':
    'Peramban ini tidak lagi menerima pemberitahuan. Berlangganan lagi di ponsel atau komputer itu.',
  'error.sending.no-subscription': 'Alamatnya bukan langganan peramban. Berlangganan lagi di ponsel itu.',
  'error.sending.telegram-token': 'Telegram menjawab {said}. Token bot salah: isi yang diberikan @BotFather.',
  'error.sending.telegram-shared': 'Telegram menjawab {said}. Program lain memakai token yang sama: hentikan itu.',
  'error.sending.telegram-chat':
    'Telegram menjawab {said}. Periksa nomor chat, dan apakah orang ini sudah menekan Start pada bot.',
  'error.sending.mail-login': 'Server surel {server} menolak pengguna atau kata sandi. Isi lagi keduanya.',
  'error.sending.mail-recipient': 'Server surel {server} tidak menerima alamat ini ({status}). Periksa alamatnya.',
  'error.sending.mail-refused': 'Server surel {server} menolak pesannya ({status}). Periksa pengirimnya.',
  'error.sending.mail-tls': 'Server surel {server} tidak punya TLS yang kita percaya. Periksa sertifikatnya.',
  'error.sending.syslog-line':
    'Server syslog {server} tidak menerima barisnya lewat {transport} ({reason}). Periksa alamat dan sertifikatnya.',
  'error.sending.too-slow': 'Saluran tidak menjawab dalam {seconds} detik. Periksa apakah terjangkau.',
  'error.sending.unexplained': 'Saluran gagal tanpa penjelasan ({name}). Lihat log pengendali.',
  'error.sending.channel-removed': 'Salurannya sudah dihapus.',
  'error.sending.unknown-kind': 'Rilis ini tidak punya saluran berjenis {kind}. Hapus salurannya, atau perbarui Arung.',
  'error.sending.bad-settings': 'Setelan saluran ini tidak lengkap. Buka dan perbaiki.',
  'error.sending.bad-secrets': 'Rahasia saluran ini tidak lengkap. Isi lagi.',
  'error.sending.too-old': 'Sudah sehari belum terkirim, jadi tidak dikirim lagi.',
  'error.sending.not-in-time': 'Saluran tidak menerimanya pada waktunya. Pesan dikirim lewat saluran berikutnya.',
  'error.sending.undelivered': 'Saluran tidak dapat mengantarkannya.',
  'error.sending.undelivered-because': 'Saluran tidak dapat mengantarkannya: {reason}.',
} as const;
