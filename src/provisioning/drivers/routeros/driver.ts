import { systemClock, systemTimers, type Clock, type Timers } from '../../../domain/clock.ts';
import type { ConfigurationFacts } from '../../../domain/compliance.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type {
  ConfigurationDriver,
  ConfigurationSession,
  ConfigurationStep,
  DeviceConfiguration,
  DeviceCredential,
  DeviceTarget,
  NamedSecrets,
  PhasedChange,
  SessionOptions,
} from '../driver.ts';
import { Turns } from '../turns.ts';
import { checkDocument } from './check.ts';
import { RouterOsConfiguration, routerOsKind } from './configuration.ts';
import { fragmentsOf } from './describe.ts';
import { maskedExport } from './export.ts';
import { factsOf } from './facts.ts';
import { Line } from './line.ts';
import { propertyOf } from './menu.ts';
import { menuAt } from './menus/menus.ts';
import { inPhases } from './phases.ts';
import { planActions } from './plan.ts';
import { documentOfExport, leftOut } from './restore.ts';
import { RouterOsSession } from './session.ts';
import { isTransport, transports, usualPort } from './transports.ts';
import { holdsSecret } from './without-secrets.ts';

const usualTimeoutMs = 10_000;
/** A small router takes a minute or two to start. */
const usualRestartMs = 300_000;

/** Routers and access points that run RouterOS 7, by their API or REST. */
export class RouterOsDriver implements ConfigurationDriver {
  readonly kind = routerOsKind;
  readonly credentials = ['routeros'] as const;
  readonly restartS = 30;
  readonly transports = transports;
  readonly #clock: Clock;
  readonly #timers: Pick<Timers, 'after'>;
  readonly #turns = new Turns();

  constructor(clock: Clock = systemClock, timers: Pick<Timers, 'after'> = systemTimers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  check(document: IntentDocument): void {
    checkDocument(document);
  }

  plan(
    document: IntentDocument,
    configuration: DeviceConfiguration,
    applied: IntentDocument | null,
  ): readonly ConfigurationStep[] {
    const actions = planActions(own(configuration), { document, before: applied, written: applied });
    return actions.map(({ step }) => step);
  }

  fragments(configuration: DeviceConfiguration, subject: string): readonly IntentFragment[] {
    return fragmentsOf(own(configuration), subject);
  }

  secretsAmong(subject: string, properties: readonly string[]): readonly string[] {
    const menu = menuAt(subject);
    return properties.filter((name) => propertyOf(menu, name).secret);
  }

  secretsWithin({ values }: Pick<IntentFragment, 'values'>): readonly string[] {
    return Object.keys(values).filter((name) => holdsSecret(name, values[name] ?? ''));
  }

  inPhases(applied: IntentDocument | null, wanted: IntentDocument): PhasedChange {
    return inPhases(applied, wanted);
  }

  addressesOf({ fragments }: IntentDocument): ReadonlyMap<string, string> {
    const addresses = fragments.filter(
      ({ subject, values }) => subject === '/ip/address' && !/^(yes|true)$/.test(values['disabled'] ?? ''),
    );
    return new Map(addresses.map(({ key, values }) => [key, values['address']?.split('/')[0] ?? '']));
  }

  restoring(text: string, named?: NamedSecrets): IntentDocument {
    return documentOfExport(text, named);
  }

  masked(text: string): string {
    return maskedExport(text);
  }

  leftOut(backup: string, now: string): readonly string[] {
    return leftOut(backup, now);
  }

  facts(text: string): ConfigurationFacts {
    return factsOf(text);
  }

  credentialAfter({ fragments }: IntentDocument, credential: DeviceCredential): DeviceCredential {
    const own = fragments.find(({ subject, values }) => subject === '/user' && values['name'] === credential.user);
    const password = own?.values['password'];
    return password === undefined ? credential : { ...credential, password };
  }

  async open(target: DeviceTarget, options: SessionOptions = {}): Promise<ConfigurationSession> {
    const { transport = 'api' } = target;
    if (!isTransport(transport)) {
      throw new ArungError('invalid', `RouterOS is not reached by ${transport}: choose api or rest.`, {
        code: 'router.transport',
        arguments: { transport },
      });
    }
    const timeoutMs = options.commandTimeoutMs ?? usualTimeoutMs;
    const port = target.port ?? usualPort(transport, target.tls);
    const giveBack = await this.#turns.take(`${target.address}:${port}`, timeoutMs);
    const line = new Line({ target, transport, timeoutMs, clock: this.#clock, onClose: giveBack });
    try {
      await line.connect();
    } catch (error) {
      line.close();
      throw error;
    }
    return new RouterOsSession({
      line,
      clock: this.#clock,
      timers: this.#timers,
      timeoutMs,
      restartTimeoutMs: options.restartTimeoutMs ?? usualRestartMs,
      check: (document) => this.check(document),
      credentialAfter: (document) => this.credentialAfter(document, target.credential),
    });
  }
}

function own(configuration: DeviceConfiguration): RouterOsConfiguration {
  if (configuration instanceof RouterOsConfiguration) return configuration;
  throw new TypeError('A configuration that another driver read says nothing here.');
}
