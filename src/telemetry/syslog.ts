import { printable } from '../domain/printable.ts';

/** What one datagram of syslog says. Every field is hostile text. */
export interface SyslogMessage {
  /** The name that the sender gives itself; null where it gives none, as RouterOS and Cisco's IOS do. */
  readonly host: string | null;
  /** Without priority, time and host; what does not print is a space. */
  readonly text: string;
}

/** RFC 5424, section 6.1: what a receiver should take. What is longer is cut. */
const mostBytes = 2_048;
/** Facility 23 and severity 7 (RFC 5424, section 6.2.1). */
const mostPriority = 191;

const ietf = /^1 (\S{1,64}) (\S{1,255}) \S{1,48} \S{1,128} \S{1,32} (?:- )?/;
/**
 * RFC 3164, section 4.1, and what stands in its place: the year after the day (Huawei's "Log Message Format Description": `Aug 6
 * 2011 20:34:46`), after the time (H3C's "Configuring the information center": `mmm dd hh:mm:ss yyyy` to log hosts), and ISO 8601
 * (H3C's `info-center timestamp loghost iso`, RouterOS' `syslog-time-format`).
 */
const month = /[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:[+-]\d{2}:\d{2})?(?: \d{4})?/;
const iso = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})?/;
const bsd = new RegExp(`^(?:${month.source}|${iso.source}) (\\S{1,255}) `);

/**
 * Reads RFC 5424, RFC 3164, and what routers and switches send in their place: a priority and a text. RouterOS leaves out the
 * priority, too. Null for what is no text.
 */
export function syslogOf(datagram: Buffer): SyslogMessage | null {
  const whole = printable(datagram.subarray(0, mostBytes).toString('utf8')).trim();
  const priority = /^<(\d{1,3})>/.exec(whole);
  if (priority !== null && Number(priority[1]) > mostPriority) return null;
  const said = whole.slice(priority?.[0].length ?? 0).trimStart();
  if (!/[a-z]/i.test(said)) return null;
  const [head = '', host = null] = headOf(said);
  return { host, text: said.slice(head.length) };
}

function headOf(said: string): readonly [string, string | null] | readonly [] {
  const new5424 = ietf.exec(said);
  if (new5424 !== null) return [new5424[0], new5424[2] === '-' ? null : (new5424[2] ?? null)];
  const old3164 = bsd.exec(said);
  return old3164 === null ? [] : [old3164[0], old3164[1] ?? null];
}
