import { isIP } from 'node:net';
import { systemClock, type Clock } from '../../../domain/clock.ts';
import type { ConfigurationFacts } from '../../../domain/compliance.ts';
import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type {
  ConfigurationDriver,
  ConfigurationSession,
  ConfigurationStep,
  DeviceConfiguration,
  DeviceCredential,
  DeviceTarget,
  NamedSecrets,
  SessionOptions,
} from '../driver.ts';
import { Turns } from '../turns.ts';
import { checkDocument } from './check.ts';
import { CliConfiguration, cliKind } from './configuration.ts';
import { fragmentsOf } from './describe.ts';
import { maskedRunning } from './export.ts';
import { factsOf } from './facts.ts';
import { RememberedHostKeys } from './host-keys.ts';
import { CliLine } from './line.ts';
import { holdsSecret } from './masked-line.ts';
import { planActions } from './plan.ts';
import { linesOf, wordsOf } from './properties.ts';
import { documentOfRunning, isWholeLine, leftOut } from './restore.ts';
import { mayHoldSecret } from './secrets.ts';
import { CliSession } from './session.ts';

const usualPort = 22;
const usualTimeoutMs = 15_000;
/** A switch takes two to five minutes to start. */
const usualRestartMs = 420_000;

/** Switches and routers with a command line over SSH; which maker's it is, the device tells. */
export class CliDriver implements ConfigurationDriver {
  readonly kind = cliKind;
  readonly credentials = ['ssh'] as const;
  readonly restartS = 60;
  readonly transports = { ssh: { port: usualPort, tlsPort: usualPort } } as const;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  readonly #hostKeys = new RememberedHostKeys();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
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

  secretsAmong(_subject: string, properties: readonly string[]): readonly string[] {
    return properties.filter((property) => mayHoldSecret(wordsOf(property)));
  }

  secretsWithin({ values }: Pick<IntentFragment, 'values'>): readonly string[] {
    return Object.entries(values).flatMap(([property, value]) =>
      (isWholeLine(property) ? [value] : linesOf(property, value)).some(holdsSecret) ? [property] : [],
    );
  }

  addressesOf({ fragments }: IntentDocument): ReadonlyMap<string, string> {
    return new Map(
      fragments.flatMap(({ key, subject, values }) => {
        // `ip address 10.0.0.2 255.255.255.0`, of Cisco and of Huawei; a second line is a secondary one.
        const address = values['ip.address']?.trim().split(/\s+/)[0] ?? '';
        return /^interface /i.test(subject) && isIP(address) !== 0 ? [[key, address] as const] : [];
      }),
    );
  }

  restoring(text: string, named?: NamedSecrets): IntentDocument {
    return documentOfRunning(text, named);
  }

  masked(text: string): string {
    return maskedRunning(text);
  }

  leftOut(backup: string, now: string): readonly string[] {
    return leftOut(backup, now);
  }

  facts(text: string): ConfigurationFacts {
    return factsOf(text);
  }

  credentialAfter({ fragments }: IntentDocument, credential: DeviceCredential): DeviceCredential {
    // A user of Comware is a section.
    const lines = fragments.flatMap(({ subject, values }) =>
      Object.entries(values)
        .flatMap(([name, value]) => linesOf(name, value))
        .map((line) => (subject.startsWith('local-user ') ? `${subject} ${line}` : line)),
    );
    const own = lines.map(userIn).find((found) => found?.[1] === credential.user);
    const password = own?.[2];
    return password === undefined ? credential : { ...credential, password };
  }

  async open(target: DeviceTarget, options: SessionOptions = {}): Promise<ConfigurationSession> {
    const timeoutMs = options.commandTimeoutMs ?? usualTimeoutMs;
    const port = target.port ?? usualPort;
    const name = `${target.address}:${port}`;
    const giveBack = await this.#turns.take(name, timeoutMs);
    const hostKeys = target.hostKeys ?? this.#hostKeys.of(name);
    const line = new CliLine({ target, port, hostKeys, timeoutMs, clock: this.#clock, onClose: giveBack });
    try {
      await line.connect();
    } catch (error) {
      line.close();
      throw error;
    }
    return new CliSession({
      line,
      clock: this.#clock,
      restartTimeoutMs: options.restartTimeoutMs ?? usualRestartMs,
      credentialAfter: (document) => this.credentialAfter(document, target.credential),
    });
  }
}

/** A user and the password that it gets, in clear: of Cisco and Huawei, and of TP-Link, whose quotes are no part of it. */
const userPatterns = [
  /^(?:username|local-user) (\S+) (?:.* )?(?:password|secret)(?: (?:0|irreversible-cipher|cipher|simple))? (?![4-9] |encrypted |hash )(\S+)/,
  /^user name "?([^\s"]+)"? (?:.* )?(?:password|secret)(?: 0)? (?![4-9] )"?([^\s"]+)/,
];

function userIn(line: string): RegExpExecArray | null {
  return userPatterns.map((pattern) => pattern.exec(line)).find((found) => found !== null) ?? null;
}

function own(configuration: DeviceConfiguration): CliConfiguration {
  if (configuration instanceof CliConfiguration) return configuration;
  throw new TypeError('A configuration that another driver read says nothing here.');
}
