import { createHmac } from 'node:crypto';
import { Type, type Static } from 'typebox';
import type { Clock } from '../../domain/clock.ts';
import { incidentName } from '../../domain/incident.ts';
import type { Channel, ChannelKind, OutgoingMessage } from './channel.ts';
import { askHttp, requireSuccess } from './http.ts';

const Settings = Type.Object(
  {
    url: Type.String({
      format: 'uri',
      pattern: '^https?://',
      maxLength: 2000,
      examples: ['https://ops.example/arung'],
    }),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object(
  { key: Type.String({ minLength: 16, maxLength: 400, description: 'Signs each call; the receiver has it, too.' }) },
  { additionalProperties: false },
);

/** A call of somebody's program, signed so that it can tell that it is from us, and when. */
export const webhook: ChannelKind = {
  kind: 'webhook',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^.{0,200}$', example: 'andi' },
  perMinute: 600,
  audience: 'person',
  takesKey: true,
  listens: false,
  leaves: true,
  open: (settings, secrets, { clock }) =>
    openWebhook(settings as Static<typeof Settings>, secrets as Static<typeof Secrets>, clock),
};

/**
 * `X-Arung-Signature: t=SECONDS,v1=HEX`, an HMAC-SHA256 with the channel's key over `SECONDS.BODY`. The receiver refuses
 * what is older than some minutes, and takes each `Idempotency-Key` once.
 */
export function signature(key: string, body: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}

function openWebhook({ url }: Static<typeof Settings>, { key }: Static<typeof Secrets>, clock: Clock): Channel {
  const server = new URL(url).host;
  return {
    send: async (message, signal) => {
      const body = JSON.stringify(bodyOf(message));
      const answer = await askHttp({
        method: 'POST',
        url,
        body,
        signal,
        server,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Arung',
          'idempotency-key': message.id,
          'x-arung-signature': signature(key, body, Math.floor(clock.now() / 1000)),
        },
      });
      requireSuccess(answer, server);
      return { externalId: message.id };
    },
    close: async () => undefined,
  };
}

function bodyOf(message: OutgoingMessage) {
  const { content } = message;
  return {
    id: message.id,
    kind: message.kind,
    decidedAt: new Date(message.decidedAt).toISOString(),
    to: { name: message.personName, address: message.address },
    language: message.language,
    title: message.title,
    text: message.text,
    link: message.link,
    mapLink: message.mapLink,
    incident:
      content.incidentNumber === null
        ? null
        : {
            id: content.incidentId,
            name: incidentName(content.incidentNumber),
            severity: content.severity,
            since: new Date(content.since).toISOString(),
            cause: { kind: content.cause.kind, id: content.cause.id, name: content.cause.name },
            certainty: content.cause.certainty,
            sites: content.impact.sites,
          },
  };
}
