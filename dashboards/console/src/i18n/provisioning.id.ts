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
  'error.router.too-much':
    '{address} menjawab lebih banyak daripada yang dapat dikelola. Persempit yang dikelola, atau periksa apa yang memenuhi tabelnya.',
  'error.router.certificate':
    '{address} menunjukkan sertifikat yang tidak dijamin siapa pun, dan tidak ada yang dikirim ke sana. Berikan otoritasnya, atau sertifikatnya sendiri.',
  'error.router.busy': '{address} sedang dikonfigurasi oleh tugas lain. Coba lagi setelah selesai.',
  'error.router.no-entry': '{fragment}: perangkat tidak punya {menu} {name}. Periksa namanya.',
  'error.router.clock': '{address} menunjukkan waktu yang tidak terbaca ({shown}). Setel jamnya.',
  'error.router.transport': 'RouterOS tidak dapat dicapai lewat {transport}. Pilih api atau rest.',
  'error.router.export-cut': '{address} memberi ekspor yang tidak utuh. Ekspor itu tidak disimpan; coba lagi.',
  'error.device.unreachable': '{address} tidak menerima koneksi. Periksa apakah layanannya menyala, dan nomor port.',
  'error.device.closed': '{address} memutuskan koneksi. Coba lagi.',
  'error.device.timeout': '{address} tidak menjawab pada waktunya. Periksa jalur ke perangkat itu.',
  'error.device.sign-in': '{address} menolak masuk. Periksa kredensial pengelolaannya.',
  'error.device.garbage':
    '{address} menjawab sesuatu yang tidak dapat dipahami. Periksa nomor port dan jenis perangkatnya.',
  'error.device.too-much':
    '{address} menjawab lebih banyak daripada yang dapat dikelola. Periksa apa yang memenuhinya.',
  'error.device.refused': '{address} menolak sebuah perintah: {said}',
  'error.ssh.host-key':
    '{address} menunjukkan kunci SSH lain ({shown}) daripada sebelumnya ({known}); tidak ada yang dikirim ke sana. Jika perangkatnya diganti, lupakan kunci lamanya; jika tidak, ada yang menyusup di tengah.',
  'error.ssh.algorithms':
    '{address} hanya mengenal algoritma SSH yang usang. Perbarui perangkatnya, atau beri label ssh-legacy di inventaris.',
  'error.host-key.none':
    'Belum ada kunci SSH dari {name} yang dikenal: perangkat itu belum pernah dihubungi lewat SSH.',
  'error.zkteco.transport': 'Mesin absensi tidak dapat dicapai lewat {transport}. Pilih tcp atau udp.',
  'error.cli.not-privileged':
    'Pengguna pada {address} boleh melihat, tetapi tidak mengonfigurasi. Beri tingkat tertinggi.',
  'error.cli.unknown-dialect': '{address} punya baris perintah yang tidak dikenal Arung.',
  'error.cli.export-cut': '{address} memberi konfigurasi yang tidak utuh. Konfigurasi itu tidak disimpan; coba lagi.',
  'error.rollback.not-cancelled':
    '{address} masih akan kembali atau mulai ulang, padahal sudah disuruh batal. Batalkan langsung di perangkatnya.',
  'error.rollback.not-saved':
    '{address} tidak menyimpan konfigurasi barunya. Perangkat akan kembali sendiri. Periksa memori flash-nya.',
  'error.rollback.unsupported':
    '{address} ({dialect}) tidak punya cara yang diketahui untuk kembali sendiri, dan bantuannya sendiri juga tidak menunjukkannya, jadi hanya dibaca dan dicadangkan.',
  'error.rollback.unproven':
    '{address} ({dialect}) tidak menunjukkan bahwa ia akan kembali sendiri, jadi tidak ada yang diubah. Tanda, konfigurasi tersimpan, dan sisa waktunya harus terlihat.',
  'error.rollback.other-run':
    'Di {address} masih menunggu pemulihan dari proses lain ({run}). Biarkan proses itu selesai, atau kembalikan, lalu coba lagi.',
  'error.rollback.not-kept':
    '{address} tidak menyimpan cadangannya, dan tidak ada yang diubah. Kosongkan tempat di memori flash-nya.',
  'error.rollback.not-armed':
    'Di {address} tidak ada pemulihan yang menunggu untuk proses ini: sudah berjalan, atau tidak pernah dipasang. Tanpa itu tidak ada yang diubah.',
  'error.rollback.fired':
    'Di {address} pemulihan untuk proses ini sudah berjalan: perangkat kembali seperti sebelumnya.',
  'error.rollback.not-loaded': '{address} tidak memuat cadangannya saat diperintah. Periksa perangkat itu.',
  'error.rollback.clock-behind':
    'Jam {address} terlambat {seconds} detik dan klien NTP-nya belum menyetelnya: pengembalian akan datang terlalu cepat. Setel jamnya, lalu coba lagi.',
  'error.rollback.clock-ahead':
    'Jam {address} lebih cepat {seconds} detik dan klien NTP-nya belum menyetelnya: pemulihan akan terlambat. Setel jamnya, lalu coba lagi.',
  'error.apply.stopped': 'Perubahan {address} dihentikan. Perangkat akan kembali sendiri.',
  'error.apply.too-late':
    'Perubahan {address} lebih lama daripada waktu tunggu pemulihannya. Perangkat akan kembali sendiri.',
  'error.apply.lost': '{address} tidak kembali setelah diubah. Perangkat akan kembali sendiri.',
  'error.apply.undone': '{address} menolak {subject} {name} ({fragment}): {said}. Semua kembali seperti sebelumnya.',
  'error.apply.left-changed':
    '{address} menolak {subject} {name} ({fragment}): {said}. Belum dapat dikembalikan: dicoba terus sampai perangkat menjawab.',
  'error.apply.left-armed': '{address} menolak {subject} {name} ({fragment}): {said}. Perangkat akan kembali sendiri.',
  'error.driver.unknown': 'Tidak ada driver konfigurasi {kind}. Pilih salah satu dari {kinds}.',
  'error.intent.invalid': 'Rancangan konfigurasi tidak dapat diterapkan: ada {count} hal yang salah.',
  'error.intent.too-large': 'Rancangan konfigurasi terlalu besar untuk satu perangkat.',
  'error.intent.key':
    'Kunci bagian {fragment} harus 1 sampai 64 dari a-z, 0-9, titik, strip, dan garis bawah, dan dimulai dengan huruf atau angka.',
  'error.intent.key-twice': 'Dua bagian memakai kunci {fragment}. Beri masing-masing kunci sendiri.',
  'error.intent.subject': '{fragment}: subjeknya bukan menu yang dapat dikonfigurasi.',
  'error.intent.property-name': '{fragment}: ada properti dengan nama yang tidak diterima perangkat mana pun.',
  'error.intent.value-long': '{fragment}: {property} terlalu panjang.',
  'error.intent.value-controls': '{fragment}: {property} memuat karakter kendali.',
  'error.intent.secret-absent': '{fragment}: ada properti yang disebut rahasia tetapi tidak punya nilai.',
  'error.intent.property-needed': '{fragment}: {property} wajib diisi.',
  'error.intent.value-kind': '{fragment}: {property} harus berbentuk {hint}.',
  'error.intent.comment-mark': '{fragment}: komentar tidak boleh berakhir seperti tanda milik Arung (arung:…).',
  'error.intent.name-kept': '{fragment}: nama ini dipakai untuk pemulihan oleh Arung.',
  'error.intent.same-entry': '{fragment} adalah entri yang sama dengan {hint}. Simpan salah satunya.',
  'error.intent.none': 'Belum ada yang menyatakan bagaimana {name} seharusnya. Siapkan konfigurasinya dahulu.',
  'error.intent.no-version': 'Tidak ada versi {version} dari konfigurasi {name}. Siapkan versi itu dahulu.',
  'error.intent.key-taken':
    '{owner} dan {other} sama-sama menentukan {fragment} dari {name}. Beri salah satunya kunci lain, atau hapus dari salah satunya.',
  'error.intent.other-driver':
    '{owner} mengatur {name} dengan driver {driver}, sedangkan {other} dengan {others}. Satu perangkat memakai satu driver.',
  'error.intent.staged-since':
    'Bagian {owner} dari {name} sudah disiapkan ulang sejak itu. Minta peluncuran sekali lagi.',
  'error.intent.under-way':
    '{name} bagian dari peluncuran {number} yang masih berjalan. Tunggu selesai, atau batalkan dahulu.',
  'error.management.no-address': '{name} tidak punya alamat di inventaris, jadi tidak dapat dikonfigurasi.',
  'error.management.not-there': 'Perangkat tidak menjawab di {address}, tempat ia akan dikelola.',
  'error.management.address-outside':
    '{name} tidak dapat dikelola di {address}: alamat itu di luar jaringan tempat perangkat boleh berada (ARUNG_DEVICE_NETWORKS).',
  'error.management.address-taken': '{name} tidak dapat dikelola di {address}: alamat itu dipakai {holder}.',
  'error.reason.no-words': 'Sebutkan alasannya dengan kata-kata: sedikitnya {count} huruf atau angka.',
  'error.management.no-credential': '{name} tidak punya kredensial pengelolaan. Isikan di inventaris.',
  'error.management.wrong-credential':
    'Kredensial pengelolaan {name} berjenis {kind}, yang tidak dapat dipakai driver {driver}.',
  'error.backup.not-found': 'Tidak ada konfigurasi {key} di wilayah Anda.',
  'error.rollout.empty': 'Sebuah peluncuran memerlukan setidaknya satu perangkat beserta versinya.',
  'error.rollout.no-device': 'Tidak ada perangkat {device} dalam peluncuran {key}, atau tidak di wilayah Anda.',
  'error.rollout.not-found': 'Tidak ada peluncuran {key} di wilayah Anda.',
  'error.rollout.device-twice': 'Perangkat {name} tercantum dua kali: dengan nama dan dengan id-nya.',
  'error.rollout.outside-regions':
    'Anda tidak boleh mengendalikan peluncuran {number}: sebagian perangkatnya di luar wilayah Anda.',
  'error.rollout.wrong-state': 'Peluncuran {number} sudah dalam keadaan lain. Muat ulang halaman.',
  'error.rollout.cuts-controller':
    'Perubahan pada {names} dapat memutus jalur pengendali sendiri ke jaringan. Beri alasan untuk memaksanya.',
  'error.rollout.not-equal': 'Setelah dibaca kembali, perangkat belum seperti seharusnya: {names}.',
  'error.rollout.not-in-time': 'Perangkat tidak menjawab lewat koneksi baru pada waktunya.',
  'error.rollout.elsewhere': 'Yang menahannya berada, atau mungkin berada, di luar wilayah Anda.',
  'error.rollout.fired': 'Perubahan tidak dikonfirmasi pada waktunya. Perangkat kembali sendiri.',
  'error.rollout.failed-at': 'Berhenti karena {names} tidak menerima perubahan. Perangkat lain tidak disentuh.',
  'error.rollout.partner-missing':
    'Jalur baru sudah ada di samping yang lama dan belum ada yang dialihkan: {names} tidak menjawab. Jalankan lagi bila sudah menjawab.',
  'error.rollout.incomplete':
    '{count} perangkat tidak menjawab dan dibiarkan seperti semula: {names}. Mulai lagi saat mereka menjawab.',
  'error.rollout.cut-off':
    'Perangkat menerima perubahan, lalu {names} di belakangnya tidak menjawab lagi: konfigurasi lama dipulihkan.',
  'error.rollout.gate-errors':
    'Setelah gelombang {wave} galat atau paket yang dibuang di tautan jelas lebih banyak dari sebelumnya: {names}.',
  'error.rollout.gate': 'Setelah gelombang {wave} jaringan tidak sebaik sebelumnya: {names}.',
  'error.rollout.waits-for': 'Menunggu peluncuran {number}, yang dapat menyentuh jalur yang sama.',
  'error.rollout.waits-for-work':
    'Menunggu pekerjaan terencana pada {names} yang masih berlangsung {seconds} detik: perubahan bisa butuh selama itu untuk kembali.',
  'error.rollout.pause-asked': 'Dijeda oleh {by}.',
  'error.rollout.abort-asked': 'Dibatalkan oleh {by}.',
};
