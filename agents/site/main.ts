import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { systemClock } from '../../src/domain/clock.ts';
import { ArungError } from '../../src/domain/errors.ts';
import { readSettings } from './settings.ts';
import { SiteAgent } from './site-agent.ts';

const usage = `node agents/site/main.ts [--config FILE]
The agent for a small box at a site: looks at the services that the sites around it use, as the controller plans it, and
publishes what it sees over MQTT. It needs no database. See docs/site-agent.md.

  --config FILE    JSON, chmod 600: {"broker":"mqtts://arung.example:8883","name":"kec-kahu","password":"…",
                   "dataDir":"/var/lib/arung-agent"}, and as wanted user, caFile, queueMegabytes, everyS, logLevel
  --check          says whether the settings are right, and ends

The environment wins over the file: ARUNG_AGENT_BROKER, _NAME, _USER, _PASSWORD, _CA_FILE, _DATA_DIR, _QUEUE_MEGABYTES,
_EVERY_S, _LOG_LEVEL.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  const settings = readSettings(values.config ?? null, process.env);
  if (values.check === true) {
    process.stdout.write(`The agent ${settings.name} would speak to ${settings.broker}.\n`);
    return;
  }
  const logger = pino({ level: settings.logLevel ?? 'info', base: null });
  const agent = new SiteAgent({ settings, clock: systemClock, logger });
  let isStopping = false;
  const stop = (): void => {
    // A second signal ends it at once: what waits is on the disk.
    if (isStopping) process.exit(1);
    isStopping = true;
    void agent.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  await agent.start();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ArungError ? error.message : String(error)}\n`);
  process.exit(1);
});
