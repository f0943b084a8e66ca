/** What one datagram of syslog says. Every field is hostile text. */
export interface SyslogMessage {
  /** The name that the sender gives itself; null where it gives none, as RouterOS and Cisco's IOS do. */
  readonly host: string | null;
  /** Without priority, time and host; characters that control how text is shown are spaces. */
  readonly text: string;
}

/** RFC 5424, section 6.1: what a receiver should take. What is longer is cut. */
const mostBytes = 2_048;
/** Facility 23 and severity 7 (RFC 5424, section 6.2.1). */
const mostPriority = 191;

const ietf = /^1 (\S{1,64}) (\S{1,255}) \S{1,48} \S{1,128} \S{1,32} (?:- )?/;
const bsd = /^[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} (\S{1,255}) /;

/**
 * Reads RFC 5424, RFC 3164, and what routers and switches send in their place: a priority and a text. RouterOS leaves out the
 * priority, too. Null for what is no text.
 */
export function syslogOf(datagram: Buffer): SyslogMessage | null {
  const whole = datagram
    .subarray(0, mostBytes)
    .toString('utf8')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
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
