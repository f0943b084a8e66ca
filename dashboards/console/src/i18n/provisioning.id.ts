/** Perangkat saat dikonfigurasi: mengapa sebuah perintah gagal. */
export const provisioningId = {
  'error.router.unreachable': '{address} tidak menerima koneksi. Periksa apakah layanan api-nya menyala.',
  'error.router.closed': '{address} memutuskan koneksi. Coba lagi.',
  'error.router.timeout': '{address} tidak menjawab pada waktunya. Periksa jalur ke perangkat itu.',
  'error.router.sign-in':
    '{address} menolak pengguna {user}. Periksa nama dan kata sandi pada kredensialnya, dan bahwa grupnya boleh memakai API.',
  'error.router.garbage':
    '{address} tidak berbicara API RouterOS. Periksa nomor port, dan apakah port itu meminta TLS.',
  'error.router.trap': '{address} menolak {command}: {said}',
};
