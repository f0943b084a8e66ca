import { createECDH } from 'node:crypto';
import { Type, type Static } from 'typebox';
import webPushLibrary from 'web-push';
import { ChannelError, type Channel, type ChannelKind, type OutgoingMessage } from './channel.ts';
import { askHttp, requireSuccess } from './http.ts';
import { cutTo } from './message-forms.ts';

const Settings = Type.Object(
  {
    /** Whom a push service may write to about us (RFC 8292). */
    contact: Type.String({
      pattern: '^(mailto:|https://).+',
      maxLength: 300,
      examples: ['mailto:jaringan@bone.go.id'],
    }),
    publicKey: Type.String({ pattern: '^[A-Za-z0-9_-]{87}$', description: 'VAPID; browsers subscribe with it.' }),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object(
  { privateKey: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'VAPID.' }) },
  { additionalProperties: false },
);
type Settings = Static<typeof Settings>;
type Secrets = Static<typeof Secrets>;

/** Push to a browser (RFC 8030): what goes through the push service is encrypted for the browser alone. */
export const webPush: ChannelKind = {
  kind: 'web-push',
  settings: Settings,
  secrets: Secrets,
  /** The subscription as the browser gives it, JSON. */
  address: {
    pattern: '^\\{.*"endpoint":"https://.*\\}$',
    example: '{"endpoint":"https://push.example/abc","keys":{"p256dh":"…","auth":"…"}}',
  },
  perMinute: 600,
  audience: 'person',
  // A later push with the same topic takes the place of one that waits; one that was shown is replaced by its tag.
  takesKey: true,
  listens: false,
  leaves: false,
  open: (settings, secrets) => openWebPush(settings as Settings, secrets as Secrets),
};

/** How long a push service keeps it for a phone that is off, seconds. */
const keptS = 24 * 3600;

function openWebPush({ contact, publicKey }: Settings, { privateKey }: Secrets): Channel {
  const keys = createECDH('prime256v1');
  keys.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  if (keys.getPublicKey('base64url') !== publicKey) {
    const message = 'The two VAPID keys do not belong together: make a new pair and set both.';
    throw new ChannelError(
      { code: 'sending.keys-apart', arguments: {}, message },
      { permanent: true, ofChannel: true },
    );
  }
  return {
    send: async (message, signal) => {
      const subscription = subscriptionOf(message.address);
      const payload = JSON.stringify(payloadOf(message));
      const { endpoint, headers, body } = webPushLibrary.generateRequestDetails(subscription, payload, {
        vapidDetails: { subject: contact, publicKey, privateKey },
        TTL: keptS,
        urgency: message.content.severity === 'critical' ? 'high' : 'normal',
        topic: message.id.replaceAll('-', ''),
      });
      const server = new URL(endpoint).host;
      const answer = await askHttp({
        method: 'POST',
        url: endpoint,
        headers: textOf(headers),
        body: new Uint8Array(body ?? []),
        signal,
        server,
      });
      if (answer.status === 404 || answer.status === 410) {
        const gone = 'This browser no longer takes push messages: subscribe again on that phone.';
        throw new ChannelError(
          { code: 'sending.subscription-ended', arguments: {}, message: gone },
          { permanent: true },
        );
      }
      requireSuccess(answer, server);
      return { externalId: message.id };
    },
    close: async () => undefined,
  };
}

/** What the service worker of the console is given (`dashboards/console/src/push/push-worker.ts`). */
export interface PushPayload {
  readonly id: string;
  /** One line. */
  readonly title: string;
  readonly body: string;
  /** The technician's page of the incident; null when there is nothing to do. */
  readonly link: string | null;
  readonly incidentId: string | null;
  readonly actions: OutgoingMessage['actions'];
  /** A later notification with the same tag takes its place. */
  readonly tag: string;
  readonly language: 'id' | 'en';
}

function payloadOf(message: OutgoingMessage): PushPayload {
  const incidentId = message.thread?.incidentId ?? null;
  return {
    id: message.id,
    title: message.title,
    body: cutTo(message.text, 1_500),
    link: message.link,
    incidentId,
    actions: message.actions,
    tag: incidentId ?? message.id,
    language: message.language,
  };
}

/** `fetch` sets the length itself. */
function textOf(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.toLowerCase() === 'content-length' ? [] : [[name, String(value)]],
    ),
  );
}

/** What a browser gives when it subscribes (Push API); the endpoint lets whoever knows it send there. */
export interface PushSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/**
 * The endpoint is what somebody typed who may write people, and we call it: only over TLS, and only a name on the
 * internet. What stands beside Arung has none with a certificate that we trust.
 */
function isPushService(endpoint: unknown): endpoint is string {
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return false;
  const { protocol, hostname, port, username } = new URL(endpoint);
  const isName =
    /[a-z]$/i.test(hostname) && hostname.includes('.') && !/\.(local|localhost|internal|lan)$/i.test(hostname);
  return protocol === 'https:' && isName && port === '' && username === '';
}

export function subscriptionOf(address: string): PushSubscription {
  try {
    const { endpoint, keys } = JSON.parse(address) as PushSubscription;
    if (isPushService(endpoint) && typeof keys.p256dh === 'string' && typeof keys.auth === 'string')
      return { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } };
  } catch {
    // Told below.
  }
  const message = 'The address is no push subscription: subscribe on the phone again.';
  throw new ChannelError({ code: 'sending.no-subscription', arguments: {}, message }, { permanent: true });
}
