import { fraction } from './hash.ts';

/** When people of a site clock in and out, and what the terminal has counted: made from its name, not kept. */
export interface AttendanceWindow {
  readonly weekdays: readonly number[];
  /** Minutes after midnight, WITA. */
  readonly from: number;
  readonly to: number;
}

export const usualWindows: readonly AttendanceWindow[] = [
  { weekdays: [1, 2, 3, 4, 5], from: 7 * 60 + 15, to: 8 * 60 },
  { weekdays: [1, 2, 3, 4, 5], from: 16 * 60, to: 16 * 60 + 45 },
];

const dayS = 86_400;
const witaS = 8 * 3600;

export function windowsOf(
  calendars: readonly {
    readonly windows: readonly {
      readonly purpose: string;
      readonly weekdays: readonly number[];
      readonly from: string;
      readonly to: string;
    }[];
  }[],
): readonly AttendanceWindow[] {
  const found = (calendars[0]?.windows ?? [])
    .filter((window) => window.purpose === 'attendance')
    .map((window) => ({ weekdays: window.weekdays, from: minutes(window.from), to: minutes(window.to) }));
  return found.length > 0 ? found : usualWindows;
}

function minutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

/** Punches of one day (days since 1970 in WITA), in seconds since 1970, in order. */
function punchesOf(serial: string, users: number, windows: readonly AttendanceWindow[], day: number): number[] {
  const weekday = ((day + 3) % 7) + 1;
  const times: number[] = [];
  windows.forEach((window, index) => {
    if (!window.weekdays.includes(weekday)) return;
    for (let user = 0; user < users; user++) {
      const chance = fraction(`${serial}/${day}/${index}/${user}`);
      if (chance > 0.93) continue; // ill, on leave, or forgot
      times.push(day * dayS - witaS + (window.from + (chance / 0.93) * (window.to - window.from)) * 60);
    }
  });
  return times.sort((a, b) => a - b);
}

/** Punches up to a time: how many there are on the terminal since its memory was cleared, and the last one. */
export function attendanceAt(
  serial: string,
  users: number,
  windows: readonly AttendanceWindow[],
  nowS: number,
): { records: number; lastPunchS: number | null } {
  const today = Math.floor((nowS + witaS) / dayS);
  const cleared = today - (today % 90) - Math.floor(fraction(`${serial}/cleared`) * 90);
  const perWeek = windows.reduce((sum, window) => sum + window.weekdays.length, 0) * users * 0.93;
  const before = Math.round(((today - cleared) / 7) * perWeek);
  const done = punchesOf(serial, users, windows, today).filter((time) => time <= nowS);
  let last = done.at(-1) ?? null;
  for (let day = today - 1; last === null && day > today - 8; day--) {
    last = punchesOf(serial, users, windows, day).at(-1) ?? null;
  }
  return { records: before + done.length, lastPunchS: last === null ? null : Math.floor(last) };
}
