/** What people, teams, duties and silences refuse, by the codes of the controller. */
export const peopleId = {
  'error.person.not-found': 'Orang {key} tidak ada di wilayah Anda.',
  'error.person.name-taken': 'Sudah ada orang bernama {value}. Pilih nama lain.',
  'error.person.user-taken': 'Pengguna ini sudah mewakili orang lain. Satu pengguna mewakili satu orang.',
  'error.person.user-missing': 'Tidak ada pengguna dengan id {value} yang haknya berada di wilayah Anda.',
  'error.person.address-taken':
    'Alamat {value} sudah dipakai orang lain: yang menulis dari sebuah obrolan harus satu orang. Beri masing-masing alamat sendiri.',
  'error.person.team-missing': 'Tidak ada tim dengan id {value} di wilayah Anda.',
  'error.person.channel-missing': 'Tidak ada kanal dengan id {value}.',
  'error.person.bad-region': '{value} bukan kode wilayah. Pakai kode Kemendagri, misalnya 73.08.02.',
  'error.person.bad-time-zone': '{value} bukan zona waktu. Tulis misalnya Asia/Makassar.',
  'error.person.never-tellable':
    'Dengan jam kerja dan jam tenang ini orang ini tidak pernah dapat diberi tahu. Persingkat jam tenangnya, atau nonaktifkan orangnya.',
  'error.person.region-needed': 'Sebut wilayahnya: Anda tidak membaca semua wilayah.',
  'error.team.not-found': 'Tim {key} tidak ada di wilayah Anda.',
  'error.team.name-taken': 'Sudah ada tim bernama {value}. Pilih nama lain.',
  'error.duty.not-found': 'Jaga {key} tidak ada di wilayah Anda.',
  'error.duty.person-missing': 'Tidak ada orang dengan id {value} yang boleh Anda jadwalkan.',
  'error.duty.ends-before-start': 'Jaga harus berakhir setelah mulai.',
  'error.duty.bad-time-zone': '{value} bukan zona waktu. Tulis misalnya Asia/Makassar.',
  'error.silence.not-found': 'Senyap {key} tidak ada di wilayah Anda.',
  'error.silence.ends-before-start': 'Senyap harus berakhir setelah mulai.',
  'error.silence.bad-region': 'Ini bukan kode wilayah. Pakai kode Kemendagri, misalnya 73.08.02.',
  'error.silence.region-needed': 'Anda boleh menyenyapkan di beberapa wilayah. Sebut wilayah yang mana.',
  'error.maintenance.bad-time-zone': '{value} bukan zona waktu. Tulis misalnya Asia/Makassar.',
  'error.maintenance.too-long':
    'Pemeliharaan berulang harus selesai sebelum yang berikutnya mulai: paling lama 24 jam.',
} as const;
