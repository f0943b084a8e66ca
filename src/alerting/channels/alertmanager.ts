import { timingSafeEqual } from 'node:crypto';
import { Type, type Static } from 'typebox';
import type { Severity } from '../../domain/alert.ts';
import { incidentName } from '../../domain/incident.ts';
import type {
  Channel,
  ChannelContext,
  ChannelKind,
  ForeignAlert,
  Inbound,
  InboundRequest,
  OutgoingMessage,
} from './channel.ts';
import { askHttp, readOrNull, requireSuccess } from './http.ts';

const Settings = Type.Object(
  {
    url: Type.String({ format: 'uri', pattern: '^https?://', maxLength: 300, examples: ['http://127.0.0.1:9093'] }),
    user: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object(
  {
    password: Type.Optional(Type.String({ maxLength: 400 })),
    /** Of Alertmanager's own webhook towards us: `Authorization: Bearer …`. */
    inboundToken: Type.Optional(Type.String({ minLength: 16, maxLength: 400 })),
  },
  { additionalProperties: false },
);
type Settings = Static<typeof Settings>;
type Secrets = Static<typeof Secrets>;

/** Prometheus Alertmanager, API v2: an incident is one alert there; and its webhook hands alerts to us. */
export const alertmanager: ChannelKind = {
  kind: 'alertmanager',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^.{0,200}$', example: 'jaringan' },
  perMinute: 6_000,
  audience: 'program',
  // The labels of an incident are its identity there.
  takesKey: true,
  listens: false,
  leaves: false,
  open: (settings, secrets, context) => openAlertmanager(settings as Settings, secrets as Secrets, context),
};

/** Label of what we put there. */
const ownSource = 'arung';
/** Alertmanager forgets an alert that is not repeated; nothing of ours is over before we say so. */
const holdsMs = 30 * 24 * 3_600_000;

function openAlertmanager({ url, user }: Settings, secrets: Secrets, context: ChannelContext): Channel {
  const server = new URL(url).host;
  const login =
    user === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${user}:${secrets.password ?? ''}`).toString('base64')}` };
  return {
    send: async (message, signal) => {
      const answer = await askHttp({
        method: 'POST',
        url: new URL('api/v2/alerts', url.endsWith('/') ? url : `${url}/`).href,
        signal,
        server,
        headers: { 'content-type': 'application/json', ...login },
        body: JSON.stringify([alertOf(message, context)]),
      });
      requireSuccess(answer, server, (body) => body);
      return { externalId: message.thread?.incidentId ?? message.id };
    },
    receive: async (request) => {
      if (!isFrom(request, secrets.inboundToken)) return { status: 401, body: '', inbound: [] };
      const inbound = readOrNull(() => inboundOf(request.body, context.clock.now()));
      return inbound === null ? { status: 400, body: '', inbound: [] } : { status: 200, body: '', inbound };
    },
    close: async () => undefined,
  };
}

/** Labels name the incident and never change with it; what may change is an annotation. */
function alertOf(message: OutgoingMessage, { publicUrl, clock }: ChannelContext) {
  const { content } = message;
  const { lastedS } = content;
  const isOver = message.kind === 'resolved' || message.kind === 'test';
  const until = message.kind === 'resolved' && lastedS !== null ? content.since + lastedS * 1_000 : clock.now() + 1_000;
  // What a watcher tells of another Arung has no number.
  const alertname =
    message.kind === 'test' ? 'ArungTest' : content.incidentNumber === null ? 'ArungWatch' : 'ArungIncident';
  const name = content.incidentNumber === null ? alertname : incidentName(content.incidentNumber);
  return {
    labels: {
      alertname,
      incident: name,
      incident_id: content.incidentId ?? message.id,
      team: message.address,
      source: ownSource,
    },
    annotations: {
      summary: message.title,
      description: message.text,
      severity: content.severity,
      cause: content.cause.name,
    },
    startsAt: new Date(content.since).toISOString(),
    endsAt: new Date(isOver ? until : clock.now() + holdsMs).toISOString(),
    generatorURL: publicUrl,
  };
}

function isFrom({ method, headers }: InboundRequest, token: string | undefined): boolean {
  if (token === undefined || method !== 'POST') return false;
  const [given, wanted] = [Buffer.from(headers['authorization'] ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const mostAlerts = 1_000;

/** Alertmanager's webhook, version 4; null when it is none. */
function inboundOf(body: Buffer, now: number): Inbound[] | null {
  let call: { alerts?: unknown };
  try {
    call = JSON.parse(body.toString('utf8')) as typeof call;
  } catch {
    return null;
  }
  if (!Array.isArray(call?.alerts)) return null;
  return call.alerts.slice(0, mostAlerts).flatMap((alert: unknown) => {
    const read = foreignAlert(alert, now);
    // Our own incidents come back from there: they are no news.
    return read === null || read.labels['source'] === ownSource ? [] : [{ kind: 'alert' as const, alert: read }];
  });
}

const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  page: 'critical',
  error: 'critical',
  warning: 'warning',
  info: 'info',
  none: 'info',
};

function foreignAlert(given: unknown, now: number): ForeignAlert | null {
  if (typeof given !== 'object' || given === null) return null;
  const { status, fingerprint, startsAt, endsAt } = given as Record<string, unknown>;
  const { labels, annotations } = given as { labels?: unknown; annotations?: unknown };
  const named = textsOf(labels);
  const said = textsOf(annotations);
  const began = Date.parse(String(startsAt));
  if (typeof fingerprint !== 'string' || !/^[0-9a-f]{1,64}$/.test(fingerprint) || Number.isNaN(began)) return null;
  const ended = Date.parse(String(endsAt));
  return {
    fingerprint,
    name: named['alertname'] ?? 'alert',
    labels: named,
    summary: said['summary'] ?? said['description'] ?? '',
    severity: severities[named['severity'] ?? ''] ?? 'warning',
    startsAt: Math.min(began, now),
    endsAt: status === 'resolved' ? (Number.isNaN(ended) ? now : ended) : null,
  };
}

function textsOf(given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null) return {};
  const texts = Object.entries(given).slice(0, 64);
  // PostgreSQL keeps no NUL.
  const plain = (text: string, length: number): string => text.replaceAll('\0', '').slice(0, length);
  return Object.fromEntries(texts.map(([name, value]) => [plain(name, 120), plain(String(value), 1_000)]));
}
