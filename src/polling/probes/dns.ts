import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { systemClock as clock } from '../../domain/clock.ts';
import { codeOf, oneByOne, type Turn } from './one-by-one.ts';
import { notUp, orSlow, shown, up, type ProbeOutcome } from './probe.ts';

export interface DnsCheck {
  readonly kind: 'dns';
  /** Address of the name server. */
  readonly server: string;
  readonly port?: number;
  readonly name: string;
  readonly type?: 'A' | 'AAAA' | 'MX' | 'NS' | 'TXT' | 'CNAME' | 'PTR';
  /** One of the answers must be this. */
  readonly expect?: string;
  readonly slowMs?: number;
}

/** Asks one name server for a name; no cache and no other server in between. */
export const dnsProbe = oneByOne<DnsCheck>(async (check: DnsCheck, turn: Turn): Promise<ProbeOutcome> => {
  const version = isIP(check.server);
  if (version === 0) return notUp('down', 'dns-server', { server: shown(check.server) });
  const resolver = new Resolver({ timeout: turn.timeoutMs, tries: 1 });
  resolver.setServers([`${version === 6 ? `[${check.server}]` : check.server}:${check.port ?? 53}`]);
  turn.signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  const began = clock.monotonic();
  try {
    const answers = [await resolver.resolve(check.name, check.type ?? 'A')].flat().map(text);
    const took = clock.monotonic() - began;
    const values = { total_ms: took, dns_ms: took, value: answers.length };
    if (check.expect !== undefined && check.expect !== '' && !answers.includes(check.expect.toLowerCase()))
      return notUp('down', 'dns-answer', { got: shown(answers.slice(0, 4).join(', ')) }, values);
    return orSlow(up(values), check.slowMs);
  } catch (error) {
    const code = codeOf(error);
    const values = { total_ms: clock.monotonic() - began };
    if (code === 'ENOTFOUND' || code === 'ENODATA')
      return notUp('down', 'no-such-name', { name: shown(check.name) }, values);
    if (code === 'ESERVFAIL' || code === 'EREFUSED') return notUp('down', 'dns-refused', { code }, values);
    throw error;
  }
});

function text(answer: unknown): string {
  if (typeof answer === 'string') return answer.toLowerCase();
  if (Array.isArray(answer)) return answer.join('').toLowerCase();
  if (typeof answer === 'object' && answer !== null && 'exchange' in answer)
    return String(answer.exchange).toLowerCase();
  return '';
}
