import type { Logger } from 'pino';
import { Heartbeat } from './alerting/delivery/heartbeat.ts';
import { Messaging, type MessagingOptions } from './alerting/delivery/messaging.ts';
import type { PushDevices } from './alerting/people/push-devices.ts';
import { SignedLinks } from './alerting/signed-links.ts';
import { channelRoutes } from './api/channels.ts';
import { inboundRoutes } from './api/inbound.ts';
import { inboxRoutes } from './api/inbox.ts';
import { messageTemplateRoutes } from './api/message-templates.ts';
import { pushDeviceRoutes } from './api/push-devices.ts';
import type { RouteGroup } from './api/routes.ts';
import { accessOfUser } from './auth/grants.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { OwnFault } from './domain/own-fault.ts';
import type { EntityState } from './domain/reachability.ts';
import type { Vault } from './vault/vault.ts';

export interface MessagingPartsOptions extends Pick<
  MessagingOptions,
  | 'db'
  | 'databaseUrl'
  | 'audit'
  | 'publicUrl'
  | 'acting'
  | 'onForeignAlert'
  | 'timeZone'
  | 'language'
  | 'clock'
  | 'logger'
> {
  readonly vault: Vault;
  readonly board: { stateOf(kind: 'site', id: string): EntityState | null };
  readonly own: { readonly faults: readonly OwnFault[] };
  readonly pushDevices: PushDevices;
  readonly heartbeatUrl: string | null;
  readonly logger: Logger;
}

/** What carries a decided notice to a person, and what people and programs say back: `parts` run in this order. */
export interface MessagingParts {
  readonly parts: readonly LongLived[];
  readonly messaging: Messaging;
  readonly routes: readonly RouteGroup[];
}

export function makeMessaging(options: MessagingPartsOptions): MessagingParts {
  const { db, vault, board, own, pushDevices, heartbeatUrl, publicUrl, timeZone, clock, logger } = options;
  const links = new SignedLinks({ db, keys: vault });
  const messaging = new Messaging({
    ...options,
    sealer: vault,
    linkFor: (incidentId, personId) => `${publicUrl()}/i/${links.tokenFor(incidentId, personId)}`,
    accessOfUser: (id) => accessOfUser(db, id),
    stateOf: (site) => board.stateOf('site', site)?.state ?? 'unknown',
  });
  const heartbeat = new Heartbeat({
    url: heartbeatUrl,
    faults: () => own.faults.map(({ part }) => part),
    logger,
  });
  return {
    parts: [messaging, heartbeat],
    messaging,
    routes: [
      channelRoutes({ channels: messaging.channels, tester: messaging }),
      inboundRoutes(messaging),
      messageTemplateRoutes({ templates: messaging.templates, timeZone, clock }),
      inboxRoutes(messaging.inbox),
      pushDeviceRoutes({ devices: pushDevices, tester: messaging }),
    ],
  };
}
