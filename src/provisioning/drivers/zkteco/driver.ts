import { systemClock, type Clock } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type {
  ConfigurationDriver,
  ConfigurationSession,
  ConfigurationStep,
  DeviceConfiguration,
  DeviceCredential,
  DeviceTarget,
  SessionOptions,
} from '../driver.ts';
import { Turns } from '../turns.ts';
import type { ZkTransport } from './client.ts';
import { ZkConfiguration, zktecoKind } from './configuration.ts';
import { HeldByAddress } from './held.ts';
import { commKeyOf, ZkLine } from './line.ts';
import { planActions } from './plan.ts';
import { ZkSession } from './session.ts';
import { checkDocument, settings, settingOf } from './settings.ts';

const usualPort = 4_370;
const usualTimeoutMs = 10_000;

/**
 * Attendance terminals of ZKTeco and those that are built by it (Solution): clock, server, comm key, network. Their users and
 * what these did are never touched. They have no rollback of their own: see `ZkSession`.
 */
export class ZktecoDriver implements ConfigurationDriver {
  readonly kind = zktecoKind;
  readonly credentials = ['zkteco'] as const;
  readonly restartS = 0;
  readonly transports = {
    tcp: { port: usualPort, tlsPort: usualPort },
    udp: { port: usualPort, tlsPort: usualPort },
  } as const;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  readonly #held = new HeldByAddress();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  check(document: IntentDocument): void {
    checkDocument(document);
  }

  plan(document: IntentDocument, configuration: DeviceConfiguration): readonly ConfigurationStep[] {
    return planActions(own(configuration), document).map(({ step }) => step);
  }

  fragments(configuration: DeviceConfiguration, subject: string): readonly IntentFragment[] {
    const has = settings.filter((one) => one.subject === subject && own(configuration).option(one.option) !== null);
    if (has.length === 0) return [];
    const values = Object.fromEntries(has.map(({ property, option }) => [property, own(configuration).option(option) ?? ''])); // prettier-ignore
    return [
      { key: subject, subject, values, secret: has.flatMap(({ property, secret }) => (secret ? [property] : [])) },
    ];
  }

  secretsAmong(subject: string, properties: readonly string[]): readonly string[] {
    return properties.filter((property) => settingOf(subject, property)?.secret === true);
  }

  credentialAfter({ fragments }: IntentDocument, credential: DeviceCredential): DeviceCredential {
    const key = fragments.find(({ subject }) => subject === 'comm')?.values['key'];
    return key === undefined ? credential : { ...credential, password: key };
  }

  async open(target: DeviceTarget, options: SessionOptions = {}): Promise<ConfigurationSession> {
    const { transport = 'tcp' } = target;
    if (!isTransport(transport)) {
      throw new ArungError('invalid', `A terminal is not reached by ${transport}: choose tcp or udp.`, {
        code: 'zkteco.transport',
        arguments: { transport },
      });
    }
    const timeoutMs = options.commandTimeoutMs ?? usualTimeoutMs;
    const port = target.port ?? usualPort;
    const lineOf = (credential: DeviceCredential | null, onClose: () => void): ZkLine =>
      new ZkLine({ target: credential === null ? target : { ...target, credential }, port, transport, timeoutMs, clock: this.#clock, onClose }); // prettier-ignore
    const giveBack = await this.#turns.take(`${target.address}:${port}`, timeoutMs);
    const line = await opened(lineOf(null, giveBack));
    return new ZkSession({
      line,
      clock: this.#clock,
      held: this.#held,
      probe: (credential) => opened(lineOf(credential, () => undefined)),
      credentialAfter: (document) => this.credentialAfter(document, target.credential),
      commKey: String(commKeyOf(target.credential)),
    });
  }
}

async function opened(line: ZkLine): Promise<ZkLine> {
  try {
    await line.connect();
    return line;
  } catch (error) {
    line.close();
    throw error;
  }
}

function isTransport(name: string): name is ZkTransport {
  return name === 'tcp' || name === 'udp';
}

function own(configuration: DeviceConfiguration): ZkConfiguration {
  if (configuration instanceof ZkConfiguration) return configuration;
  throw new TypeError('A configuration that another driver read says nothing here.');
}
