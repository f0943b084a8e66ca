import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { RuleWatch } from './alerting/rules/rule-watch.ts';
import { deviceBackupRoutes } from './api/device-backups.ts';
import { intentPartRoutes } from './api/intent-parts.ts';
import { hostKeyRoutes } from './api/host-keys.ts';
import { intentRoutes } from './api/intents.ts';
import { rolloutRoutes } from './api/rollouts.ts';
import type { RouteGroup } from './api/routes.ts';
import { templateRoutes } from './api/templates.ts';
import { variableFileRoutes } from './api/variable-files.ts';
import { variableRoutes } from './api/variables.ts';
import { makeCompliance } from './compliance-parts.ts';
import type { Database } from './database/tables.ts';
import { scopeFor, systemAccess } from './domain/access.ts';
import type { Clock } from './domain/clock.ts';
import type { CredentialKind } from './domain/device.ts';
import type { DeviceId } from './domain/ids.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { Inventory } from './inventory/inventory.ts';
import { BackupReader } from './provisioning/backups/backup-reader.ts';
import { BackupRestore } from './provisioning/backups/backup-restore.ts';
import { BackupStore } from './provisioning/backups/backup-store.ts';
import { BackupWatch } from './provisioning/backups/backup-watch.ts';
import { ChangeSigns } from './provisioning/drift/change-signs.ts';
import { DriftWatch } from './provisioning/drift/drift-watch.ts';
import { ToldChanges, type DeviceTalk } from './provisioning/drift/told-changes.ts';
import { ConfigurationDrivers } from './provisioning/drivers/drivers.ts';
import { HostKeyStore } from './provisioning/host-keys/host-key-store.ts';
import { IntentReader } from './provisioning/intent/intent-reader.ts';
import type { Sealer } from './provisioning/intent/intent-parts.ts';
import { IntentStore } from './provisioning/intent/intent-store.ts';
import { IntentTrial } from './provisioning/intent/intent-trial.ts';
import { SharedIntent } from './provisioning/intent/shared-intent.ts';
import { readArmed } from './provisioning/rollouts/armed.ts';
import { DeviceDoor } from './provisioning/rollouts/device-door.ts';
import { FallenAlerts } from './provisioning/rollouts/fallen-alerts.ts';
import { healthSeen } from './provisioning/rollouts/health-seen.ts';
import { ChangePaths } from './provisioning/rollouts/paths.ts';
import { RolloutRunner } from './provisioning/rollouts/rollout-runner.ts';
import type { PlannedWork, RolloutNews } from './provisioning/rollouts/rollout-surroundings.ts';
import { RolloutStore } from './provisioning/rollouts/rollout-store.ts';
import { RolloutRetention } from './provisioning/rollouts/rollout-retention.ts';
import { Rollouts } from './provisioning/rollouts/rollouts.ts';
import { SignInStore } from './provisioning/sign-ins/sign-in-store.ts';
import { TemplateBook } from './provisioning/templates/template-book.ts';
import { TemplatePreview } from './provisioning/templates/template-preview.ts';
import { TemplateResolver } from './provisioning/templates/template-resolver.ts';
import { VariableBook } from './provisioning/variables/variable-book.ts';
import { VariableResolver } from './provisioning/variables/variable-resolver.ts';
import { makePrograms, type ProgramPartsOptions } from './program-parts.ts';
import type { ProvisioningEvents } from './provisioning-events.ts';
import type { ServiceBoard } from './services/service-board.ts';
import type { StatusBoard } from './status/board.ts';

/** How often a managed device is compared with what was confirmed on it. */
const driftEveryMs = 30 * 60_000;
/** How often the configuration of a device is fetched. */
const backupEveryMs = 24 * 3_600_000;

export interface ProvisioningOptions {
  readonly db: Kysely<Database>;
  readonly vault: Sealer;
  readonly inventory: Inventory;
  readonly board: Pick<StatusBoard, 'deviceFacts' | 'idsNotUp' | 'measuredOf' | 'sampledAt' | 'onChange'>;
  /** The rules about what is counted on links. */
  readonly rules: Pick<RuleWatch, 'errorsOnLinks'>;
  /** Asks these devices out of turn. */
  readonly probeSoon: (devices: readonly DeviceId[]) => void;
  /** Reads all that is measured of these devices out of turn. */
  readonly pollSoon: (devices: readonly DeviceId[]) => void;
  /** What devices say of themselves; null where nobody listens. */
  readonly talk: DeviceTalk | null;
  readonly services: Pick<ServiceBoard, 'watched' | 'statusOf' | 'summaries'>;
  readonly events: ProvisioningEvents;
  /** Rollouts are kept for so many days after their end. */
  readonly rolloutDays: number;
  readonly programs: Pick<ProgramPartsOptions, 'config' | 'tokens' | 'authenticator' | 'reached'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What brings devices to what they should be: `parts` run in this order. */
export interface Provisioning {
  readonly parts: readonly LongLived[];
  /** Devices whose change went back. */
  readonly fallen: FallenAlerts;
  readonly routes: readonly RouteGroup[];
}

export function makeProvisioning(options: ProvisioningOptions): Provisioning {
  const { db, vault, inventory, services, events, clock, logger } = options;
  const { changes, topology } = inventory;
  const hostKeys = new HostKeyStore({ db, changes, clock, tell: (deviceId) => events.ofHostKey(deviceId) });
  const drivers = new ConfigurationDrivers(clock);
  const signIns = new SignInStore({ db, sealer: vault });
  const door = new DeviceDoor({ drivers, targets: inventory.managementTargets, hostKeys, signIns });
  const compliance = makeCompliance({ db, vault, changes, drivers, clock, logger });
  const variables = new VariableResolver({ db, sealer: vault, nameOf: (text) => intents.nameOf(text) });
  const driverOf = (kind: CredentialKind) => drivers.withCredential(kind)?.kind ?? null;
  const templates = new TemplateResolver({ db, sealer: vault, nameOf: (text) => intents.nameOf(text), driverOf });
  const intents: IntentStore = new IntentStore({
    db,
    changes,
    sealer: vault,
    check: (document) => door.check(document),
    secretNames: (driver, subject, properties) => door.secretNames(driver, subject, properties),
    secretValues: (driver, fragment) => drivers.get(driver).secretsWithin?.(fragment) ?? [],
    variables,
    templates,
    clock,
  });
  const shared = new SharedIntent({ db, changes, store: intents });
  const trial = new IntentTrial({ db, store: intents });
  const reader = new IntentReader({ db, withSecrets: (document) => intents.withSecrets(document) });
  const store = new RolloutStore({ db, clock });
  const backupStore = new BackupStore({ db, sealer: vault, names: intents, clock, logger });
  const backups = new BackupWatch({
    db,
    store: backupStore,
    door,
    intents: reader,
    tell: (deviceId) => events.ofConfiguration(deviceId),
    kept: () => compliance.watch.wake(),
    clock,
    logger,
    everyMs: backupEveryMs,
  });
  const backupReader = new BackupReader({
    db,
    sealer: vault,
    mask: (driver, text) => drivers.get(driver).masked?.(text) ?? text,
  });
  const fallen = new FallenAlerts({ store, logger });
  const paths = new ChangePaths({ topology, services: () => services.watched() });
  const runner = new RolloutRunner({
    db,
    store,
    intents,
    door,
    paths,
    health: healthSeen({ ...options, topology: inventory.topology }),
    work: plannedWork(inventory, clock),
    addresses: inventory.managementAddresses,
    kept: backups,
    tell: (news: RolloutNews) => {
      events.ofRollout(news);
      if (news.device !== null) backups.soon(news.device.deviceId);
      void fallen.refresh().catch(() => undefined);
    },
    clock,
    logger,
  });
  const retention = new RolloutRetention({ db, clock, logger, days: options.rolloutDays });
  const drift = new DriftWatch({
    db,
    intents,
    door,
    tell: (news) => {
      events.ofDrift(news);
      // A hand, or whoever took back what a hand had done, has changed it.
      backups.soon(news.deviceId);
    },
    withoutIntent: (deviceId) => backups.soon(deviceId),
    clock,
    logger,
    everyMs: driftEveryMs,
  });
  const told = options.talk === null ? null : new ToldChanges({ db, talk: options.talk, clock, logger });
  const signs = new ChangeSigns({ board: options.board, facts: inventory.facts, told }, (deviceId, by) =>
    drift.soon(deviceId, by),
  );
  const rollouts = new Rollouts({
    db,
    changes,
    store,
    paths,
    topology,
    services: (scope) => new Set(services.summaries(scope).map(({ code }) => code)),
    wake: () => runner.wake(),
  });
  const programs = makePrograms({ ...options.programs, db, changes, vault, clock, logger });
  const variableBook = new VariableBook({ db, changes, sealer: vault, clock });
  const book = new TemplateBook({
    db,
    changes,
    sealer: vault,
    form: intents,
    nameOf: (text) => intents.nameOf(text),
    clock,
  });
  const preview = new TemplatePreview({ db, sealer: vault, book, intents, variables, driverOf });
  return {
    parts: [
      intents,
      fallen,
      runner,
      drift,
      signs,
      ...(told === null ? [] : [told]),
      compliance.watch,
      backups,
      programs.runs,
      retention,
    ],
    fallen,
    routes: [
      intentRoutes({
        store: intents,
        reader,
        lookAt: (devices) => drift.lookAt(devices),
        trial,
        stagedBy: (devices, program) => shared.staged(devices, program),
        stale: async (devices) => ({
          variables: await variables.stale(devices),
          templates: await templates.stale(devices),
        }),
        compare: async (deviceId, document) => door.look(deviceId, document, await intents.confirmedOf(deviceId)),
        clock,
      }),
      intentPartRoutes({
        store: intents,
        shared,
        trial,
        find: (access, key) => reader.configurableDevice(access, key),
        found: async (deviceId, driver, subject) =>
          reader.withNamedSecrets(deviceId, await door.found(deviceId, driver, subject)),
      }),
      rolloutRoutes(rollouts, (access) => readArmed(db, scopeFor(access, 'provisioning.read')), programs.runs),
      deviceBackupRoutes(backupReader, new BackupRestore({ backups: backupReader, intents, reader, door, rollouts })),
      compliance.routes,
      variableRoutes({ book: variableBook, resolver: variables }),
      variableFileRoutes(variableBook),
      templateRoutes({ book, preview, rollouts, reader, shared }),
      hostKeyRoutes(hostKeys),
      programs.routes,
    ],
  };
}

function plannedWork({ maintenance }: Inventory, clock: Clock): PlannedWork {
  const access = systemAccess('rollouts');
  return {
    announce: async (deviceId, until, rollout) => {
      const from = new Date(clock.now()).toISOString();
      const to = new Date(until).toISOString();
      return (await maintenance.create(access, { deviceId, from, to, reason: `Rollout ${rollout}` })).entity.id;
    },
    over: (id) => maintenance.remove(access, id),
    covering: (devices, until) => maintenance.covering(access, devices, until),
  };
}
