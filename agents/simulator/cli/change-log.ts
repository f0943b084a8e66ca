import { bsdTime, syslogPort } from '../syslog-sender.ts';
import { top, type CliConfig } from './config.ts';
import type { Maker, SwitchHost } from './maker.ts';

/** Who types, and from where. */
export interface Typist {
  readonly user: string;
  readonly address: string;
}

interface Told {
  readonly by: Typist;
  /** What was typed last, secrets in it masked. */
  readonly line: string;
  readonly name: string;
  /** Of the message, counted from the start of the switch. */
  readonly number: number;
  /** What its clock shows, seconds since 1970. */
  readonly clockS: number;
}

/** How the switches of a maker say that somebody configures them. */
interface Custom {
  /** A line that names a log host: its address, and a port. */
  readonly host: RegExp;
  /** At each command, or once when configuration mode is left. */
  readonly at: 'command' | 'leaving';
  text(told: Told): string;
}

/** Facility local7 with severity 5 and 6, as all three send (RFC 3164, section 4.1.1). */
const notice = '<189>';
const information = '<190>';

const loghost = /^info-center loghost (\S+)(?: port (\d+))?$/;

const yearOf = (clockS: number): number => new Date(clockS * 1_000).getUTCFullYear();

/** `Sep  5 2025 14:03:09`, VRP's default. */
function yearAfterDay(clockS: number): string {
  const text = bsdTime(clockS);
  return `${text.slice(0, 6)} ${yearOf(clockS)} ${text.slice(7)}`;
}

/** `Sep  5 14:03:09 2025`, Comware's default for log hosts. */
function yearAfterTime(clockS: number): string {
  return `${bsdTime(clockS)} ${yearOf(clockS)}`;
}

/**
 * By the name of a maker. IOS: Cisco's "System Message Guide" (SYS-5-CONFIG_I) and "Basic System Management", `logging host`.
 * VRP: Huawei's "S2700, S3700, S5700, S6700, S7700, and S9700 Log Reference" (SHELL/5/CMDRECORD) and "Information Center
 * Configuration". Comware: H3C's "Comware 7 System Log Messages Reference" (SHELL_CMD) and "Information center commands".
 */
const customs: Readonly<Record<string, Custom>> = {
  'cisco-ios': {
    host: /^logging host (\S+)(?: transport udp port (\d+))?$/,
    at: 'leaving',
    text: ({ by, number, clockS }) => {
      const thousandths = String(Math.floor((clockS % 1) * 1_000)).padStart(3, '0');
      return `${notice}${number}: *${bsdTime(clockS)}.${thousandths}: %SYS-5-CONFIG_I: Configured from console by ${by.user} on vty0 (${by.address})`;
    },
  },
  'huawei-vrp': {
    host: loghost,
    at: 'command',
    text: ({ by, line, name, number, clockS }) =>
      `${notice}${yearAfterDay(clockS)} ${name} %%01SHELL/5/CMDRECORD(s)[${number}]:Recorded command information. (Task=VT0, Ip=${by.address}, VpnName=, User=${by.user}, AuthenticationMethod="Password", Command="${line}")`,
  },
  'h3c-comware': {
    host: loghost,
    at: 'command',
    text: ({ by, line, name, clockS }) =>
      `${information}${yearAfterTime(clockS)} ${name} %%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=${by.address}-User=${by.user}; Command is ${line}`,
  },
};

/** What one switch tells its log hosts of those who configure it. A maker that is not listed here tells nothing. */
export class ChangeLog {
  readonly #custom: Custom | null;
  readonly #host: Pick<SwitchHost, 'clockS' | 'tell'>;
  readonly #device: () => { readonly name: string; readonly running: CliConfig };
  #number = 0;

  constructor(
    maker: Maker,
    host: Pick<SwitchHost, 'clockS' | 'tell'>,
    device: () => { readonly name: string; readonly running: CliConfig },
  ) {
    this.#custom = customs[maker.name] ?? null;
    this.#host = host;
    this.#device = device;
  }

  /** Somebody entered a line in configuration mode, and it was taken. */
  entered(by: Typist, line: string): void {
    this.#tell('command', by, line);
  }

  /** Somebody who had entered something left configuration mode. */
  left(by: Typist): void {
    this.#tell('leaving', by, '');
  }

  /** The switch has started anew. */
  restarted(): void {
    this.#number = 0;
  }

  #tell(at: Custom['at'], by: Typist, line: string): void {
    const custom = this.#custom;
    if (custom?.at !== at) return;
    const { name, running } = this.#device();
    this.#number += 1;
    let text: string | null = null;
    for (const entry of running.entries(top).values()) {
      const [, address, port] = custom.host.exec(entry.text) ?? [];
      if (address === undefined) continue;
      text ??= custom.text({ by, line: masked(line), name, number: this.#number, clockS: this.#host.clockS() });
      this.#host.tell({ address, port: Number(port ?? syslogPort) }, text);
    }
  }
}

/** What says how a secret is written, and is none. */
const forms: ReadonlySet<string> = new Set(['password', 'irreversible-cipher', 'cipher', 'simple', 'hash', 'read', 'write']); // prettier-ignore

/** A line without its secrets: of what follows `password`, `cipher` or `community` only the words stay that name a form. */
export function masked(line: string): string {
  const [, start, rest = ''] = /^(.*?\b(?:password|cipher|community)\b)(.*)$/.exec(line) ?? [];
  if (start === undefined) return line;
  const words = rest.split(' ').filter((word) => word !== '');
  return [start, ...words.map((word, i) => (i < words.length - 1 && forms.has(word) ? word : '****'))].join(' ');
}
