import { ArungError } from '../../../domain/errors.ts';
import { printable } from './api-client.ts';
import type { Transport } from './transport.ts';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** What a router's own clock shows: its wall, not UTC. */
export interface DeviceTime {
  /** The wall's reading, as if it were UTC: milliseconds since 1970. */
  readonly wallMs: number;
  /** Its time in UTC, milliseconds since the epoch; null where it does not tell its zone. */
  readonly utcMs: number | null;
  /** `nov/30/2026`, as versions before 7.10 write a date. */
  readonly isOldStyle: boolean;
}

export async function readClock(transport: Transport): Promise<DeviceTime> {
  const { rows } = await transport.run({ path: '/system/clock/print' });
  const { date = '', time = '', 'gmt-offset': offset = '' } = rows[0] ?? {};
  const isOldStyle = date.includes('/');
  const wallMs = wallTime(date, time);
  if (wallMs === null) {
    const shown = rows[0] === undefined ? 'none' : printable(`${date} ${time}`);
    throw new ArungError(
      'unavailable',
      `${transport.name} shows a time that cannot be read (${shown}); set its clock.`,
      {
        code: 'router.clock',
        arguments: { address: transport.name, shown },
      },
    );
  }
  const zone = /^([+-])(\d{2}):(\d{2})$/.exec(offset);
  const offsetMs =
    zone === null ? null : (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '-' ? -60_000 : 60_000);
  return { wallMs, utcMs: offsetMs === null ? null : wallMs - offsetMs, isOldStyle };
}

/** Milliseconds of a date and a time as a router writes them; null where they are none. */
export function wallTime(date: string, time: string): number | null {
  const old = /^([a-z]{3})\/(\d{2})\/(\d{4})$/i.exec(date);
  const month = String(months.indexOf((old?.[1] ?? '').toLowerCase()) + 1).padStart(2, '0');
  const day = old === null ? date : `${old[3]}-${month}-${old[2]}`;
  const at = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(at) ? null : at;
}

/** `start-date` and `start-time` of a scheduler's entry. */
export function startAt(wallMs: number, isOldStyle: boolean): Readonly<Record<'start-date' | 'start-time', string>> {
  const iso = new Date(wallMs).toISOString();
  const [year = '', month = '', day = ''] = iso.slice(0, 10).split('-');
  const date = isOldStyle ? `${months[Number(month) - 1] ?? ''}/${day}/${year}` : iso.slice(0, 10);
  return { 'start-date': date, 'start-time': iso.slice(11, 19) };
}
