import { Counter, Gauge, type Registry } from 'prom-client';
import type { PollingCounters } from './counters.ts';
import type { PollingEngine } from './engine.ts';
import type { LocalAgent } from './local-agent.ts';

type PlainCounter = Exclude<keyof PollingCounters, 'refused'>;

/** Name and meaning of every counter on `/metrics`. */
const counters: Readonly<Record<PlainCounter, readonly [name: string, help: string]>> = {
  packetsSent: ['packets_sent', 'SNMP requests sent, tries included.'],
  bytesSent: ['bytes_sent', 'Bytes of SNMP requests, without UDP and IP heads.'],
  packetsReceived: ['packets_received', 'Datagrams received on the polling sockets.'],
  bytesReceived: ['bytes_received', 'Bytes received on the polling sockets.'],
  timeouts: ['timeouts', 'Tries that got no answer in time.'],
  failures: ['failures', 'Requests that got no answer in all their tries.'],
  sendErrors: ['send_errors', 'Probes that the kernel refused to send.'],
  late: ['late_answers', 'Answers after their time was over.'],
  duplicates: ['duplicate_answers', 'Answers to requests that had their answer already.'],
  unexpected: ['unexpected_answers', 'Answers to requests that were never made, or long ago.'],
  wrongSource: ['wrong_source', 'Answers from an address or port that was not asked.'],
  errorAnswers: ['error_answers', 'Answers with an SNMP error: tooBig, noSuchName, genErr.'],
  reports: ['reports', 'SNMPv3 Reports received: engine discovery, time, refusals.'],
  values: ['values', 'Values that became part of a point.'],
  ratesWithheld: ['rates_withheld', 'Counter readings without a rate: first, restart, discontinuity, above line rate.'],
  probes: ['probes', 'Reachability probes that ended.'],
  probesLost: ['probes_lost', 'Reachability probes without an answer in time.'],
};

/** Puts what the engine and its agent count on a registry; read when it is scraped, at no cost to the polls. */
export function exposePollingMetrics(
  registry: Registry,
  parts: { readonly engine: PollingEngine; readonly agent: LocalAgent },
): void {
  const { engine, agent } = parts;
  // Registered below, not by their constructors.
  const registers: [] = [];
  for (const [key, [name, help]] of Object.entries(counters)) {
    if (!isPlain(key)) continue;
    registry.registerMetric(
      new Counter({
        name: `arung_polling_${name}_total`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(engine.counters[key]);
        },
      }),
    );
  }
  registry.registerMetric(
    new Counter({
      name: 'arung_polling_refused_total',
      help: 'Datagrams that are no answer, by reason.',
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset();
        for (const [reason, count] of Object.entries(engine.counters.refused)) this.inc({ reason }, count);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'arung_polling_devices',
      help: 'SNMP devices of this agent, by how they are.',
      labelNames: ['state'],
      registers,
      collect() {
        const { answering, silent, unpollable, withPlan } = agent.statistics();
        this.set({ state: 'answering' }, answering);
        this.set({ state: 'silent' }, silent);
        this.set({ state: 'unpollable' }, unpollable);
        this.set({ state: 'planned' }, withPlan);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: 'arung_polling_plans_total',
      help: 'Identifications of devices, by outcome.',
      labelNames: ['outcome'],
      registers,
      collect() {
        const { plansMade, plansFailed } = agent.statistics();
        this.reset();
        this.inc({ outcome: 'made' }, plansMade);
        this.inc({ outcome: 'failed' }, plansFailed);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'arung_polling_backlog',
      help: 'Requests that wait for their turn.',
      registers,
      collect() {
        this.set(engine.backlog);
      },
    }),
  );
}

function isPlain(key: string): key is PlainCounter {
  return key in counters;
}
