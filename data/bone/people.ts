/** Who looks after Bone's network. All are invented; +62 800 numbers of this form reach nobody. */
export interface DemoPerson {
  readonly name: string;
  readonly team: string;
  /** 1 is told first. */
  readonly level: number;
  /** Kecamatan (their last two digits below 73.08); empty: the whole regency. */
  readonly districts: readonly string[];
  /** Takes turns in the weekly duty. */
  readonly onRotation: boolean;
  readonly phone: string;
}

export const demoTeams = [
  { name: 'Pusat Kendali Jaringan', escalateAfterS: 600 },
  { name: 'Tim Lapangan', escalateAfterS: 900 },
] as const;

const [centre, field] = [demoTeams[0].name, demoTeams[1].name];

export const demoPeople: readonly DemoPerson[] = [
  { name: 'Andi Baso Pangerang', team: centre, level: 1, districts: [], onRotation: true, phone: '+62 800 000 0101' },
  { name: 'Nurhayati Mappa', team: centre, level: 1, districts: [], onRotation: true, phone: '+62 800 000 0102' },
  { name: 'Muh. Ilham Saputra', team: centre, level: 1, districts: [], onRotation: true, phone: '+62 800 000 0103' },
  { name: 'Besse Tenri Ola', team: centre, level: 1, districts: [], onRotation: true, phone: '+62 800 000 0104' },
  {
    name: 'Ambo Dalle',
    team: field,
    level: 1,
    districts: ['01', '02', '03', '04', '05'],
    onRotation: false,
    phone: '+62 800 000 0201',
  },
  {
    name: 'Sitti Rabiah',
    team: field,
    level: 1,
    districts: ['06', '07', '08', '09', '10'],
    onRotation: false,
    phone: '+62 800 000 0202',
  },
  {
    name: 'Andi Mappanyukki Rahman',
    team: field,
    level: 1,
    districts: ['11', '12', '13', '14', '15', '16'],
    onRotation: false,
    phone: '+62 800 000 0203',
  },
  {
    name: 'Firman Latief',
    team: field,
    level: 1,
    districts: ['17', '18', '19', '20', '21', '22'],
    onRotation: false,
    phone: '+62 800 000 0204',
  },
  {
    name: 'Hasnah Daeng Kanang',
    team: field,
    level: 1,
    districts: ['23', '24', '25', '26', '27'],
    onRotation: false,
    phone: '+62 800 000 0205',
  },
  { name: 'Syamsul Bahri', team: centre, level: 2, districts: [], onRotation: false, phone: '+62 800 000 0301' },
  { name: 'Hj. Andi Ratna Dewi', team: centre, level: 3, districts: [], onRotation: false, phone: '+62 800 000 0401' },
];

export const demoTimeZone = 'Asia/Makassar';
