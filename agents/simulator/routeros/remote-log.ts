import { bsdTime, syslogPort, type LogServer } from '../syslog-sender.ts';
import type { RouterConfiguration } from './configuration.ts';
import type { RouterHost } from './router.ts';
import { zoneS } from './scheduler.ts';

/**
 * What a change is called in the log, by its menu; `item`, `mangle rule` and the verbs are in the example of
 * help.mikrotik.com, "Log", the others are listed with what could not be checked.
 */
const things: Readonly<Record<string, string>> = {
  '/ip/address': 'address',
  '/ip/route': 'route',
  '/ip/firewall/filter': 'filter rule',
  '/ip/firewall/nat': 'nat rule',
  '/ip/firewall/mangle': 'mangle rule',
  '/user': 'user',
};

const verbs: Readonly<Record<string, string>> = { add: 'added', remove: 'removed', move: 'moved', set: 'changed', enable: 'changed', disable: 'changed', comment: 'changed', unset: 'changed' }; // prettier-ignore

/** No configuration. */
const others: ReadonlySet<string> = new Set(['/file', '/log']);

/** `filter rule added by admin`; null for a command that changes no configuration. */
export function changeMessage(path: string, by: string): string | null {
  const slash = path.lastIndexOf('/');
  const menu = path.slice(0, slash);
  const verb = verbs[path.slice(slash + 1)];
  if (verb === undefined || others.has(menu)) return null;
  const thing = things[menu] ?? (/^\/interface(\/|$)/.test(menu) ? 'device' : 'item');
  return `${thing} ${verb} by ${by}`;
}

/** An enabled rule of `/system/logging` whose action sends somewhere. */
interface Rule {
  readonly wanted: readonly string[];
  readonly unwanted: readonly string[];
  readonly prefix: string;
  readonly action: string;
  readonly to: LogServer;
  readonly isBsd: boolean;
}

/** Of the facility `daemon`, which is an action's default (RFC 3164, section 4.1.1). */
const facility = 3;
/** The worst first. */
const severities = [['critical', 2], ['error', 3], ['warning', 4]] as const; // prettier-ignore
const informational = 6;

/**
 * Sends what a router logs to the servers that `/system/logging` and its actions name (help.mikrotik.com, "Log"), a datagram for
 * each action. Which these are is found once, until the configuration is another: most routers have none.
 */
export class RemoteLog {
  readonly #configuration: RouterConfiguration;
  readonly #host: Pick<RouterHost, 'clockS' | 'tell'>;
  #rules: readonly Rule[] | null = null;

  constructor(configuration: RouterConfiguration, host: Pick<RouterHost, 'clockS' | 'tell'>) {
    this.#configuration = configuration;
    this.#host = host;
  }

  configurationChanged(): void {
    this.#rules = null;
  }

  tell(topics: string, message: string): void {
    this.#rules ??= rulesOf(this.#configuration);
    if (this.#rules.length === 0) return;
    const has = topics.split(',');
    const told = new Set<string>();
    for (const { wanted, unwanted, prefix, action, to, isBsd } of this.#rules) {
      if (told.has(action)) continue;
      if (!wanted.every((topic) => has.includes(topic)) || unwanted.some((topic) => has.includes(topic))) continue;
      told.add(action);
      const text = prefix === '' ? message : `${prefix}: ${message}`;
      this.#host.tell(to, `<${priorityOf(has)}>${isBsd ? this.#heading() : topics} ${text}`);
    }
  }

  /** `Sep  5 14:03:09 rtr-kahu-01`, in the router's own time (RFC 3164, section 4.1.2). */
  #heading(): string {
    const menu = this.#configuration.menu('/system/identity');
    const [identity] = menu.entries.map((entry) => menu.value(entry, 'name') ?? '');
    return `${bsdTime(this.#host.clockS() + zoneS)} ${identity ?? ''}`;
  }
}

function priorityOf(topics: readonly string[]): number {
  const severity = severities.find(([topic]) => topics.includes(topic))?.[1] ?? informational;
  return facility * 8 + severity;
}

function rulesOf(configuration: RouterConfiguration): readonly Rule[] {
  const actions = configuration.menu('/system/logging/action');
  const logging = configuration.menu('/system/logging');
  return logging.entries.flatMap((entry) => {
    if (logging.value(entry, 'disabled') === 'true') return [];
    const name = logging.value(entry, 'action') ?? '';
    const action = actions.entries.find((one) => actions.value(one, 'name') === name);
    const address = action?.values.get('remote') ?? '';
    if (action === undefined || actions.value(action, 'target') !== 'remote' || address === '') return [];
    const topics = (logging.value(entry, 'topics') ?? '').split(',').filter((topic) => topic !== '');
    return {
      wanted: topics.filter((topic) => !topic.startsWith('!')),
      unwanted: topics.flatMap((topic) => (topic.startsWith('!') ? [topic.slice(1)] : [])),
      prefix: logging.value(entry, 'prefix') ?? '',
      action: name,
      to: { address, port: Number(actions.value(action, 'remote-port') ?? syslogPort) },
      isBsd: actions.value(action, 'bsd-syslog') === 'true',
    };
  });
}
