import { createTransport } from 'nodemailer';
import { Type, type Static } from 'typebox';
import { ChannelError, type Channel, type ChannelKind, type OutgoingMessage } from './channel.ts';
import { asksToWait, noAnswer } from './http.ts';
import { messageHtml, messagePlain } from './message-forms.ts';

const Settings = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, examples: ['mail.bone.go.id'] }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587 }),
    /** `tls`: from the first byte (port 465). `starttls`: required. `none`: a relay on this machine. */
    security: Type.Unsafe<'tls' | 'starttls' | 'none'>(Type.Enum(['tls', 'starttls', 'none'], { default: 'starttls' })),
    from: Type.String({ maxLength: 300, pattern: '^[^\\r\\n]+@[^\\r\\n]+$', examples: ['Arung <arung@bone.go.id>'] }),
    user: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object(
  { password: Type.Optional(Type.String({ maxLength: 400 })) },
  { additionalProperties: false },
);

/** E-mail by an SMTP server. All messages of one incident are one thread. */
export const email: ChannelKind = {
  kind: 'email',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^[^\\s@<>,;:"]{1,64}@[^\\s@<>,;:"]{1,253}$', example: 'andi@bone.go.id' },
  perMinute: 60,
  audience: 'person',
  // Message-ID is the same in a repeat: mail readers show it once, servers may deliver it twice.
  takesKey: false,
  listens: false,
  leaves: true,
  open: (settings, secrets) => openEmail(settings as Static<typeof Settings>, secrets as Static<typeof Secrets>),
};

function openEmail(settings: Static<typeof Settings>, { password }: Static<typeof Secrets>): Channel {
  const { host, port, security, user } = settings;
  const domain = /@([^\s>]+)/.exec(settings.from)?.[1] ?? 'arung';
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 15_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const idOf = (name: string) => `<${name}@${domain}>`;
  return {
    send: async (message) => {
      const { thread } = message;
      const root = thread === null ? null : idOf(`incident-${thread.incidentId}`);
      const externalId = idOf(message.id);
      try {
        await transport.sendMail({
          from: settings.from,
          to: { name: message.personName, address: message.address },
          subject: message.title,
          text: messagePlain(message),
          html: messageHtml(message),
          messageId: externalId,
          date: new Date(message.decidedAt),
          ...(root !== null && { references: [root, ...(thread?.externalId ? [thread.externalId] : [])] }),
          ...(root !== null && { inReplyTo: thread?.externalId ?? root }),
          headers: { 'auto-submitted': 'auto-generated', ...priority(message) },
        });
      } catch (error) {
        throw explain(error, `${host}:${port}`);
      }
      return { externalId };
    },
    close: async () => transport.close(),
  };
}

function priority(message: OutgoingMessage): Record<string, string> {
  return message.content.severity === 'critical' && message.kind !== 'resolved' ? { importance: 'high' } : {};
}

/** What an SMTP failure means, RFC 5321, section 4.2.1: 4xx is tried again, 5xx is not. */
function explain(error: unknown, server: string): ChannelError {
  const { code = '', responseCode, command = '' } = error as { code?: string; responseCode?: number; command?: string };
  const cause = error;
  const ofChannel = { permanent: true, ofChannel: true, cause };
  if (code === 'EAUTH') {
    const message = `The mail server ${server} refused the user or the password: set them again.`;
    return new ChannelError({ code: 'sending.mail-login', arguments: { server }, message }, ofChannel);
  }
  if (responseCode !== undefined && responseCode >= 500) {
    const told = { server, status: responseCode };
    if (!command.toUpperCase().startsWith('RCPT')) {
      const message = `The mail server ${server} refused the message (${responseCode}): check the sender.`;
      return new ChannelError({ code: 'sending.mail-refused', arguments: told, message }, ofChannel);
    }
    const message = `The mail server ${server} does not take mail for this address (${responseCode}): check it.`;
    return new ChannelError({ code: 'sending.mail-recipient', arguments: told, message }, { permanent: true, cause });
  }
  if (responseCode !== undefined) return asksToWait(server, responseCode, null, cause);
  if (code === 'ETLS') {
    const message = `The mail server ${server} offers no TLS that we trust: check its certificate.`;
    return new ChannelError({ code: 'sending.mail-tls', arguments: { server }, message }, ofChannel);
  }
  const maybeTaken = command === 'DATA' || code === 'ETIMEDOUT';
  return noAnswer(server, code || 'no connection', { maybeTaken, cause });
}
