import { pino } from 'pino';
import type { Channel, ChannelContext, ChannelKind, OutgoingMessage } from '../../src/alerting/channels/channel.ts';
import { sampleContent } from '../../src/alerting/words/sample.ts';
import { wordsOf } from '../../src/alerting/words/words.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { newId, type ChannelId, type IncidentId, type NoticeId } from '../../src/domain/ids.ts';
import type { NoticeKind } from '../../src/domain/notice.ts';

/** A message of an incident that never was, as delivery would make it. */
export function outgoing(
  address: string,
  { kind = 'opened', name, ...more }: Partial<OutgoingMessage> & { kind?: NoticeKind; name?: string } = {},
): OutgoingMessage {
  const sample = sampleContent(kind, Date.now());
  const content = name === undefined ? sample : { ...sample, cause: { ...sample.cause, name } };
  const { title, text } = wordsOf(content, kind, 'id', { timeZone: 'Asia/Makassar', leaves: true });
  return {
    id: newId<NoticeId>(),
    kind,
    address,
    personName: 'Andi Baso',
    language: 'id',
    title,
    text,
    content,
    decidedAt: Date.now(),
    link: 'https://arung.example/i/abc',
    mapLink: 'https://www.google.com/maps/dir/?api=1&destination=-4.7,120.1',
    actions: [
      { action: 'take', label: 'Saya ambil' },
      { action: 'mute', label: 'Diam 2 jam' },
    ],
    thread: { incidentId: content.incidentId ?? newId<IncidentId>(), externalId: null },
    maybeTwice: false,
    ...more,
  };
}

export function openChannel(kind: ChannelKind, settings: object, secrets: object = {}): Channel {
  const context: ChannelContext = {
    id: newId<ChannelId>(),
    name: 'uji',
    logger: pino({ level: 'silent' }),
    publicUrl: 'https://arung.example',
    clock: systemClock,
  };
  return kind.open(settings, secrets, context);
}

/** What hostile names look like; each must arrive as text. */
export const hostileName = `<script>alert(1)</script>\u202e *tebal* [tautan](http://evil) "]\\ & \u0000\r\nBcc: x@evil ${'A'.repeat(65_536)}`;
