import { dnsProbe, type DnsCheck } from './dns.ts';
import { httpProbe, type HttpCheck } from './http.ts';
import { IcmpProbe, type IcmpCheck } from './icmp.ts';
import { ntpProbe, type NtpCheck } from './ntp.ts';
import { snmpProbe, type SnmpCheck, type SnmpValues } from './snmp.ts';
import type { Probe, ProbeBudget, ProbeKind, ProbeOutcome } from './probe.ts';
import { tcpProbe, type TcpCheck } from './tcp.ts';
import { tlsProbe, type TlsCheck } from './tls.ts';

interface Checks {
  readonly icmp: IcmpCheck;
  readonly tcp: TcpCheck;
  readonly http: HttpCheck;
  readonly dns: DnsCheck;
  readonly tls: TlsCheck;
  readonly ntp: NtpCheck;
  readonly snmp: SnmpCheck;
}
export type Check = Checks[ProbeKind];

/** The family: every kind of probe, one line each. */
export class Probes {
  readonly #kinds: { readonly [Kind in ProbeKind]: Probe<Checks[Kind]> | null };

  /** `snmp`: what reads values over SNMP; without it there are no checks of that kind. */
  constructor(options: { readonly snmp?: SnmpValues; readonly fping?: string }) {
    this.#kinds = {
      icmp: new IcmpProbe(options.fping === undefined ? {} : { program: options.fping }),
      tcp: tcpProbe,
      http: httpProbe,
      dns: dnsProbe,
      tls: tlsProbe,
      ntp: ntpProbe,
      snmp: options.snmp === undefined ? null : snmpProbe(options.snmp),
    };
  }

  /** Runs them all, kinds side by side; outcomes in the order of the checks. Never rejects. */
  async run(checks: readonly Check[], budget: ProbeBudget): Promise<readonly ProbeOutcome[]> {
    const outcomes: ProbeOutcome[] = [];
    const runKind = async <Kind extends ProbeKind>(kind: Kind): Promise<void> => {
      const own = [...checks.entries()].filter((entry): entry is [number, Checks[Kind]] => entry[1].kind === kind);
      if (own.length === 0) return;
      const probe = this.#kinds[kind];
      if (probe === null) throw new Error(`There is no probe of the kind ${kind} here.`);
      const found = await probe.run(
        own.map(([, check]) => check),
        budget,
      );
      for (const [at, [index]] of own.entries()) {
        const outcome = found[at];
        if (outcome !== undefined) outcomes[index] = outcome;
      }
    };
    await Promise.all((['icmp', 'tcp', 'http', 'dns', 'tls', 'ntp', 'snmp'] as const).map(runKind));
    return outcomes;
  }
}
