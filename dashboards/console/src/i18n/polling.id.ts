/** Why a device is not read, and what to do: by the codes of the polling engine. */
export const pollingId = {
  'error.polling.answers': '{device} menjawab dalam {ms} ms.',
  'error.polling.not-polled':
    'Perangkat ini tidak dipoll dengan SNMP dari sini. Beri alamat pengelolaan dan protokol snmp di inventaris.',
  'error.polling.address':
    'Alamat pengelolaan {device} adalah “{address}”, bukan alamat IPv4 atau IPv6. Perbaiki di inventaris.',
  'error.polling.no-credential':
    '{device} tidak punya kredensial. Beri satu yang berjenis snmp-v3, snmp-v2c, atau snmp-v1 di inventaris.',
  'error.polling.wrong-credential':
    '{device} dipoll dengan SNMP, tetapi kredensialnya berjenis {kind}. Beri yang berjenis snmp-v3, snmp-v2c, atau snmp-v1.',
  'error.polling.silent':
    '{device} ({place}) tidak menjawab {misses} pemeriksaan terakhir. Uji poll mencari tahu sebabnya.',
  'error.polling.send-failed':
    'Permintaan ke {device} ({place}) tidak dapat dikirim ({reason}). Periksa rute dari mesin ini ke sana.',
  'error.polling.stranger':
    '{device} ({place}) menjawab dari alamat lain, {stranger}. Setel alamat sumber agen SNMP-nya ke alamat pengelolaan, atau ubah alamat di inventaris.',
  'error.polling.timeout':
    '{device} ({place}) tidak menjawab setelah {tries} kali ditanya. Periksa apakah UDP {port} terbuka untuk mesin ini dan kredensialnya benar.',
  'error.polling.not-authorized':
    '{device} ({place}) tidak mengizinkan pengguna SNMP ini membaca apa pun. Beri grupnya hak baca (read view) pada tingkat keamanan kredensial ini.',
  'error.polling.identify-deadline': 'Mengenali {device} memakan lebih dari {seconds} detik. Nanti dicoba lagi.',
  'error.polling.plan-failed':
    'Rencana poll {device} gagal dibuat ({reason}). Nanti dicoba lagi; selengkapnya ada di log pengendali.',
  'error.polling.v3-unknown-user':
    '{device} ({place}) tidak mengenal pengguna SNMPv3 ini. Periksa namanya, dan apakah sudah dibuat di perangkat.',
  'error.polling.v3-wrong-digest':
    '{device} ({place}) menolak kunci autentikasi pengguna SNMPv3. Periksa kunci dan protokol autentikasinya.',
  'error.polling.v3-decryption-error':
    '{device} ({place}) tidak dapat membuka sandi permintaan. Periksa kunci privasi dan protokolnya (aes192c dan aes256c memanjangkan kunci dengan cara lain).',
  'error.polling.v3-unsupported-level':
    '{device} ({place}) tidak menyediakan tingkat keamanan ini untuk pengguna SNMPv3 tersebut. Bandingkan tingkat dan protokol dengan yang ada di perangkat.',
  'error.polling.v3-not-in-time-window':
    '{device} ({place}) menganggap permintaan kita sudah lama, waktu apa pun yang dipakai: hitungan boot atau jam mesin SNMPv3-nya macet. Nyalakan ulang agen SNMP-nya.',
  'error.polling.v3-unknown-engine':
    '{device} ({place}) tidak mengenal engine id SNMPv3 yang disebutnya sendiri. Nyalakan ulang agen SNMP-nya, atau beri engine id.',
  'error.polling.v3-unknown-context':
    '{device} ({place}) tidak punya konteks SNMPv3 bawaan. Izinkan pengguna ini memakai konteks kosong.',
  'error.polling.v3-refused': '{device} ({place}) menolak permintaan SNMPv3 tanpa alasan yang dikenal.',
  'error.polling.v3-silent':
    '{device} ({place}) menjawab discovery SNMPv3, tetapi tidak satu pun pertanyaan pengguna ini. Periksa kunci dan protokol privasi, dan apakah mesin ini boleh membaca.',
  'error.polling.wrong-privacy-key':
    '{device} ({place}) menerima kunci autentikasi, tetapi tidak kunci privasi. Periksa kunci itu dan protokol privasinya.',
  'error.polling.other-version':
    '{device} ({place}) hanya menjawab SNMP {version}. Beri kredensial berjenis snmp-{version}.',
  'error.polling.wrong-community':
    '{device} ({place}) menjalankan SNMP, tetapi tidak menjawab community ini. Periksa community-nya, dan apakah alamat mesin ini boleh membaca.',
  'error.polling.refused':
    '{device} ({place}) menolak: tidak ada yang mendengarkan di UDP {port}. Nyalakan SNMP atau perbaiki porta.',
  'error.polling.no-route':
    'Tidak ada jalur ke {device} ({place}) dari sini ({reason}). Periksa rute dan tembok api mesin ini.',
  'error.polling.snmp-silent':
    '{device} ({place}) hidup, tetapi SNMP di UDP {port} diam. Periksa apakah SNMP menyala, daftar alamat yang diizinkannya, kredensial, dan tembok api di UDP {port}.',
  'error.polling.nothing-back':
    'Tidak ada jawaban apa pun dari {device} ({place}) setelah {tries} kali ditanya. Periksa listrik dan uplink, alamat, dan tembok api di UDP {port}.',
} as const;
