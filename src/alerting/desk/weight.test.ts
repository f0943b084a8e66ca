import { describe, expect, it } from 'vitest';
import { alertKey, type Alert, type AlertCause, type Subject } from '../../domain/alert.ts';
import { newId, type CalendarId } from '../../domain/ids.ts';
import type { Calendar } from '../../domain/site.ts';
import { TestNetwork } from '../../status/test-network.ts';
import { attendanceAt } from './attendance.ts';
import { hurtBy } from './hurt.ts';
import { noServices, type Surroundings } from './surroundings.ts';
import { severityOf } from './weight.ts';

const calendar: Calendar = {
  id: newId<CalendarId>(),
  name: 'Jam kantor',
  timeZone: 'Asia/Makassar',
  windows: [{ purpose: 'attendance', weekdays: [1, 2, 3, 4, 5], from: '07:30', to: '08:15' }],
  holidays: ['2026-12-25'],
};
/** Local time in Bone (UTC+8) of a day in 2026. */
const bone = (month: number, day: number, hour: number, minute = 0): number =>
  Date.UTC(2026, month - 1, day, hour - 8, minute);

describe('the hours of attendance', () => {
  it('are those of the calendar and the three quarters of an hour before, on its days and not on holidays', () => {
    expect(attendanceAt(calendar, bone(11, 30, 7, 40))).toBe('attendance');
    expect(attendanceAt(calendar, bone(11, 30, 6, 50))).toBe('attendance');
    expect(attendanceAt(calendar, bone(11, 30, 6, 40))).toBe('office-day');
    expect(attendanceAt(calendar, bone(11, 30, 8, 15))).toBe('office-day');
    expect(attendanceAt(calendar, bone(11, 29, 7, 40))).toBe('free-day');
    expect(attendanceAt(calendar, bone(12, 25, 7, 40))).toBe('free-day');
    expect(attendanceAt(null, bone(11, 29, 7, 40))).toBe('office-day');
  });

  it('follow the clocks of the place through a change of summer time', () => {
    const berlin = { ...calendar, timeZone: 'Europe/Berlin' };
    // On Friday 07:30 is 05:30 UTC, on Monday, in winter time, 06:30.
    expect(attendanceAt(berlin, Date.UTC(2026, 9, 23, 5, 40))).toBe('attendance');
    expect(attendanceAt(berlin, Date.UTC(2026, 9, 26, 6, 20))).toBe('attendance');
    expect(attendanceAt(berlin, Date.UTC(2026, 9, 26, 5, 40))).toBe('office-day');
  });

  it('reach over midnight', () => {
    const night = {
      ...calendar,
      windows: [{ purpose: 'attendance' as const, weekdays: [5], from: '22:00', to: '02:00' }],
    };
    expect(attendanceAt(night, bone(11, 28, 1))).toBe('attendance'); // Saturday, of Friday's night
    expect(attendanceAt(night, bone(11, 29, 1))).toBe('free-day');
  });
});

describe('how much an incident matters', () => {
  const network = new TestNetwork().site('dc').device('core', 'dc', { gateway: true }).attach('core');
  for (const name of ['kahu', 'bonto', 'tondong', 'ulu', 'biru']) network.village(name).link('core', `r-${name}`);
  const { topology } = network;
  const surroundings: Surroundings = {
    topology,
    risks: [],
    notes: new Map([...topology.sites.keys()].map((id) => [id, { accessNotes: '', calendar, tags: [] }])),
    deviceTags: new Map(),
  };
  const alert = (rule: string, subject: Subject, severity: Alert['severity'] = 'warning'): Alert => ({
    key: alertKey(rule, subject),
    rule,
    subject,
    severity,
    since: 0,
    cause: null,
  });
  const device = (name: string): Subject => ({ kind: 'device', id: network.id(name), name });
  const site = (name: string): Subject => ({ kind: 'site', id: network.siteId(name), name });
  const village = (name: string): Alert[] => [
    alert('site.unreachable', site(name)),
    ...['r', 's', 't'].map((kind) => alert('device.unreachable', device(`${kind}-${name}`))),
  ];
  const link: Subject = { kind: 'link', id: network.linkId('core--r-kahu'), name: 'core--r-kahu' };
  const weigh = (alerts: readonly Alert[], at: number, subject: Subject = link): string => {
    const cause: AlertCause = { ...subject, reason: 'failed', since: 0, certainty: 1 };
    return severityOf({ cause, alerts, hurt: hurtBy(alerts, topology, noServices) }, surroundings, at);
  };
  const night = bone(11, 30, 2);
  const morning = bone(11, 30, 7, 40);
  const sunday = bone(11, 29, 7, 40);

  it('wakes nobody for a cable whose traffic goes another way, or one village at night', () => {
    expect(weigh([alert('link.down', link, 'critical')], night)).toBe('warning');
    expect(weigh(village('kahu'), night)).toBe('warning');
  });

  it('wakes somebody for many, and for one village while its people clock in', () => {
    expect(weigh(['kahu', 'bonto', 'tondong', 'ulu', 'biru'].flatMap(village), night)).toBe('critical');
    expect(weigh(village('kahu'), morning)).toBe('critical');
  });

  it('takes a terminal alone for what its site’s calendar makes of it', () => {
    const terminal = [alert('device.down', device('t-kahu'))];
    expect(weigh(terminal, morning, device('t-kahu'))).toBe('critical');
    expect(weigh(terminal, night, device('t-kahu'))).toBe('warning');
    expect(weigh(terminal, sunday, device('t-kahu'))).toBe('info');
  });

  it('takes rules and services by their own word, and the worst of all', () => {
    expect(weigh([alert('cpu.high', device('r-kahu'), 'info')], night, device('r-kahu'))).toBe('info');
    expect(weigh([...village('kahu'), alert('service.down', device('core'), 'critical')], night)).toBe('critical');
  });
});
