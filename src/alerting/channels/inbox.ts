import { Type } from 'typebox';
import type { ChannelKind } from './channel.ts';

/** The inbox in the console: the row of the notice is the message, so there is nothing to send. */
export const inbox: ChannelKind = {
  kind: 'inbox',
  settings: Type.Object({}, { additionalProperties: false }),
  secrets: Type.Object({}, { additionalProperties: false }),
  address: { pattern: '^.{0,120}$', example: 'Andi Baso' },
  perMinute: 100_000,
  audience: 'person',
  takesKey: true,
  isInside: true,
  listens: false,
  leaves: false,
  open: () => ({
    send: async (message) => ({ externalId: message.id }),
    close: async () => undefined,
  }),
};
