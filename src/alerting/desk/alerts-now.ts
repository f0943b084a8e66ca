import { alertKey, type Alert, type AlertCause, type Subject } from '../../domain/alert.ts';
import type { Service } from '../../domain/link.ts';
import type { Evidence } from '../../domain/incident.ts';
import type { OwnFault } from '../../domain/own-fault.ts';
import { ownUplinkId, type Blindness, type UplinkSign } from '../../domain/own-uplink.ts';
import type { AgentId } from '../../domain/ids.ts';
import { foreignNow } from '../foreign/foreign-now.ts';
import { ofFailedLinks } from './link-rules.ts';
import { causeOf, isDarkness, stateAlerts, type MeasuredStates } from '../state-alerts.ts';
import type { ServicesNow } from './surroundings.ts';
import type { Topology } from '../../domain/topology.ts';

export interface AlertSources {
  readonly states: MeasuredStates;
  readonly topology: Topology;
  readonly services: ServicesNow;
  /** Of the rules over the stream. */
  readonly rules: readonly Alert[];
  /** Of other programs. */
  readonly foreign: readonly Alert[];
  readonly faults: readonly OwnFault[];
  /** What Arung cannot see for a cut of its own; null while it sees. */
  readonly blindness: Blindness | null;
  /** The Agent in the controller itself: what it cannot see, Arung cannot see. Null where there is none. */
  readonly ownAgentId: AgentId | null;
  /** Those of the incidents that are open: what nobody can look at now stays as it was. */
  readonly held: Iterable<Alert>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Of Arung itself; its name is Arung's in every language. */
const ownId = 'arung';
const controller: Subject = { kind: 'controller', id: ownId, name: 'Arung' };

/** Everything that holds now, each with what explains it. */
export function alertsNow(sources: AlertSources): readonly Alert[] {
  const { states, topology } = sources;
  const own = [...faultAlerts(sources.faults), ...uplinkAlert(sources)];
  const before = [...sources.held];
  const speaking = new Set(before.filter(({ cause }) => cause === null).map(({ key }) => key));
  const dark = new Map(stateAlerts(states, topology).map((alert) => [alert.key, alert]));
  const rules = ofFailedLinks(sources.rules, {
    dark,
    speaking,
    stateOf: (kind, id) => states.stateOf(kind, id),
    now: sources.now,
  });
  const fresh = new Map<string, Alert>(dark);
  for (const alert of [...serviceAlerts(sources.services), ...rules, ...own]) fresh.set(alert.key, alert);
  // What was so before goes on for its own reason.
  const held = new Map<string, Alert>();
  for (const alert of before) {
    if (!fresh.has(alert.key) && isUnseen(alert, sources)) held.set(alert.key, alert);
  }
  for (const alert of ofOtherPrograms(sources, new Map([...fresh, ...held]), speaking)) fresh.set(alert.key, alert);
  const impaired = impairment(own);
  if (impaired === null) return [...fresh.values(), ...held.values()];
  const explains = explainedBy(own, topology, sources.ownAgentId);
  const explained = [...fresh.values()].map((alert) => (explains(alert) ? { ...alert, cause: impaired } : alert));
  return [...explained, ...held.values()];
}

function ofOtherPrograms(
  { foreign, states, now }: AlertSources,
  dark: ReadonlyMap<string, Alert>,
  speaking: ReadonlySet<string>,
): readonly Alert[] {
  return foreignNow(foreign, { dark, speaking, stateOf: (kind, id) => states.stateOf(kind, id), now });
}

/** Whether the alert is one of Arung's own. */
export function isOwn({ subject }: Pick<Alert, 'subject'>): boolean {
  return subject.kind === 'controller' && subject.id.startsWith(ownId);
}

function faultAlerts(faults: readonly OwnFault[]): Alert[] {
  return faults.map(({ part, since, reason, waiting }) => {
    const subject: Subject = { ...controller, id: `${ownId}.${part}` };
    return {
      key: alertKey(`own.${part}`, subject),
      rule: `own.${part}`,
      subject,
      severity: part === 'metrics' ? 'warning' : 'critical',
      since,
      cause: null,
      evidence: [
        reason === 'disk'
          ? { key: 'own.disk', arguments: { sinceAt: since, waiting } }
          : { key: 'own.part', arguments: { part, sinceAt: since, waiting } },
      ],
    };
  });
}

/** Nothing that answered before answers our own Agent any more, and it may be we who are cut off. */
function uplinkAlert({ blindness, topology }: AlertSources): Alert[] {
  if (blindness === null) return [];
  const { agentId, since, devices, sign } = blindness;
  const subject: Subject = { ...controller, id: ownUplinkId };
  const agent = topology.agents.get(agentId);
  const at = agent?.attachedTo.map((id) => topology.devices.get(id)?.name).filter((name) => name !== undefined) ?? [];
  const rule = 'own.uplink';
  const evidence = [{ key: 'own.uplink', arguments: { device: at.join(', '), devices } }, ...signEvidence(sign)];
  return [{ key: alertKey(rule, subject), rule, subject, severity: 'critical', since, cause: null, evidence }];
}

/** What the machine shows of its own way. */
function signEvidence(sign: UplinkSign): readonly Evidence[] {
  switch (sign.kind) {
    case 'no-carrier':
      return [{ key: 'own.no-carrier', arguments: { interface: sign.interface } }];
    case 'no-route':
      return [{ key: 'own.no-route', arguments: { address: sign.address } }];
    case 'first-hop-silent':
      return [{ key: 'own.first-hop', arguments: { address: sign.address, interface: sign.interface } }];
    default:
      return [];
  }
}

/** All that Arung lacks is one cause. */
function impairment(own: readonly Alert[]): AlertCause | null {
  if (own.length === 0) return null;
  const since = Math.min(...own.map((alert) => alert.since));
  return { ...controller, reason: 'failed', since, certainty: 1 };
}

/** What is no news while Arung is impaired so: it cannot know better. */
function explainedBy(own: readonly Alert[], topology: Topology, ownAgentId: AgentId | null): (alert: Alert) => boolean {
  const has = (rule: string): boolean => own.some((alert) => alert.rule === rule);
  const uplink = has('own.uplink');
  const broker = has('own.broker');
  return (alert) => {
    if (isOwn(alert)) return true;
    const { rule, subject } = alert;
    if (broker && rule === 'agent.silent') return true;
    if (!uplink) return false;
    const { kind } = subject;
    if (kind === 'site' || kind === 'link' || kind === 'service' || kind === 'agent') return true;
    const device = topology.devices.get((alert.deviceId ?? subject.id) as never);
    return device?.agentId === ownAgentId;
  };
}

/** Services that do not work, or not for all that use them. */
function serviceAlerts(services: ServicesNow): Alert[] {
  return services.watched().flatMap((service): Alert[] => {
    const { state, since, reason, cause } = services.statusOf(service.id);
    const subject: Subject = { kind: 'service', id: service.id, name: service.name };
    const failed = { key: 'service.failed', arguments: { service: service.name, reason: reason?.code ?? null } };
    if (state === 'down' || state === 'degraded') {
      return [
        {
          key: alertKey(`service.${state}`, subject),
          rule: `service.${state}`,
          subject,
          severity: state === 'down' ? 'critical' : 'warning',
          since: since ?? 0,
          cause: cause === null || state === 'degraded' ? null : causeOf(cause),
          evidence: [failed],
        },
      ];
    }
    return state === 'up' ? lostAlert(service, subject, services) : [];
  });
}

/** It works from here, and not from where some sites are. */
function lostAlert(service: Service, subject: Subject, services: ServicesNow): Alert[] {
  const { users, lost } = services.outlookOf(service);
  const there = lost.filter((site) => site.state === 'down');
  if (there.length === 0) return [];
  const since = Math.min(...there.map((site) => site.since ?? Number.POSITIVE_INFINITY));
  return [
    {
      key: alertKey('service.lost', subject),
      rule: 'service.lost',
      subject,
      severity: 'warning',
      since: Number.isFinite(since) ? since : 0,
      cause: null,
      evidence: [
        { key: 'service.lost', arguments: { service: service.name, lost: there.length, users: users.length } },
      ],
    },
  ];
}

/** Whether what held is neither seen to hold nor to be over: its Agent is silent, or it is dark under planned work. */
function isUnseen({ rule, subject, cause }: Alert, { states, topology, services }: AlertSources): boolean {
  if (rule.startsWith('service.')) {
    return services.watched().some(({ id }) => id === subject.id) && services.statusOf(subject.id).state === 'unknown';
  }
  if (!isDarkness({ rule })) return false;
  if (subject.kind !== 'device' && subject.kind !== 'site' && subject.kind !== 'link') return false;
  // That Arung could not see is no reason to go on believing it.
  if (cause?.kind === 'controller') return false;
  const known = { device: topology.devices, site: topology.sites, link: topology.links }[subject.kind];
  if (!(known as ReadonlyMap<string, unknown>).has(subject.id)) return false;
  const state = states.stateOf(subject.kind, subject.id)?.state;
  if (state === 'maintenance') return !isMeasuredUp(subject, states, topology);
  return state === 'unknown';
}

/** Planned work hides what fails, not what is mended: a device that answers, a site with a gateway that does. */
function isMeasuredUp({ kind, id }: Subject, states: MeasuredStates, { devices }: Topology): boolean {
  const isUp = (deviceId: string): boolean => states.measuredOf(deviceId)?.state === 'up';
  if (kind === 'device') return isUp(id);
  if (kind !== 'site') return false;
  for (const device of devices.values()) if (device.gateway && device.siteId === id && isUp(device.id)) return true;
  return false;
}
