import { readFileSync, statSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { ArungError } from '../../src/domain/errors.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** What an agent at a site has to know. Everything else comes from the controller. */
export const SiteAgentSettings = Type.Object(
  {
    /** `mqtts://host:8883`, or `mqtt://host:1883` where the line is trusted; no user name or password in it. */
    broker: Type.String({ pattern: '^mqtts?://[^@]+$', maxLength: 300 }),
    /** As the controller's inventory names the agent. */
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 60 }),
    /** The user of its credential; its name when not given. */
    user: Type.Optional(text(120)),
    password: text(400),
    /** PEM of authorities that are trusted beside the system's. */
    caFile: Type.Optional(text(4_000)),
    /** A folder of its own: what waits for the broker, and its last plan. */
    dataDir: text(4_000),
    /** What waits for the broker takes at most this; the oldest goes first. 64 when not given. */
    queueMegabytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** Seconds between two looks at a service; as the controller says when not given. For a dear or a thin line. */
    everyS: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600 })),
    logLevel: Type.Optional(Type.Enum(['error', 'warn', 'info', 'debug'])),
  },
  { additionalProperties: false },
);
export type SiteAgentSettings = Static<typeof SiteAgentSettings>;

/** Names of the environment, which wins over the file. */
const variables = {
  broker: 'ARUNG_AGENT_BROKER',
  name: 'ARUNG_AGENT_NAME',
  user: 'ARUNG_AGENT_USER',
  password: 'ARUNG_AGENT_PASSWORD',
  caFile: 'ARUNG_AGENT_CA_FILE',
  dataDir: 'ARUNG_AGENT_DATA_DIR',
  queueMegabytes: 'ARUNG_AGENT_QUEUE_MEGABYTES',
  everyS: 'ARUNG_AGENT_EVERY_S',
  logLevel: 'ARUNG_AGENT_LOG_LEVEL',
} as const satisfies Record<keyof SiteAgentSettings, string>;
const numbers: readonly string[] = ['queueMegabytes', 'everyS'];

/** Reads and checks them. Throws `ArungError('invalid')` that says which is wrong, and never a password. */
export function readSettings(
  file: string | null,
  env: Readonly<Record<string, string | undefined>>,
): SiteAgentSettings {
  const given: Record<string, unknown> = file === null ? {} : readFile(file);
  for (const [name, variable] of Object.entries(variables)) {
    const value = env[variable];
    if (value === undefined || value === '') continue;
    given[name] = numbers.includes(name) ? Number(value) : value;
  }
  if (Value.Check(SiteAgentSettings, given)) return given;
  const [first] = Value.Errors(SiteAgentSettings, given);
  const field = (first?.instancePath ?? '').slice(1);
  const known = Object.entries(variables).find(([name]) => name === field)?.[1];
  const where = field === '' ? (file ?? 'the environment') : known === undefined ? field : `${field} (${known})`;
  const advice = 'see docs/site-agent.md';
  throw new ArungError('invalid', `The settings of the agent are wrong: ${where} ${first?.message ?? ''}; ${advice}.`, {
    code: 'site-agent.wrong-setting',
  });
}

/** It holds a password: not everybody may read it. systemd hands it on readable by group. */
function readFile(file: string): Record<string, unknown> {
  let isOpen: boolean;
  let found: unknown;
  try {
    isOpen = (statSync(file).mode & 0o007) !== 0;
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'it is no JSON' : (cause as Error).message;
    throw new ArungError('invalid', `The file of the agent's settings cannot be read: ${file}: ${why}.`, {
      code: 'site-agent.unreadable',
      // The message of a JSON error quotes the text, which holds a password.
      ...(cause instanceof SyntaxError ? {} : { cause }),
    });
  }
  if (isOpen) {
    throw new ArungError('invalid', `${file} holds a password and may be read by everybody: chmod 600 it.`, {
      code: 'site-agent.open-file',
    });
  }
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return { ...found };
  throw new ArungError('invalid', `${file} holds no JSON object.`, { code: 'site-agent.unreadable' });
}
