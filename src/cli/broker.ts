import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemAccess } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { AgentDirectory } from '../telemetry/agent-directory.ts';
import type { MqttCredential } from '../telemetry/credentials.ts';
import { TerminalCredentials } from '../telemetry/terminal-credentials.ts';
import { mosquittoFiles } from '../telemetry/mosquitto-files.ts';
import { action, type CommandFile } from './command.ts';
import { commandLogger, onState } from './context.ts';
import { print, type OutputOptions } from './output.ts';

interface BrokerOptions extends OutputOptions {
  readonly out: string;
}

export const brokerCommand: CommandFile = (program) => {
  const broker = program.command('broker').description('what a Mosquitto in front of the terminals needs');
  broker
    .command('acl')
    .description('write the password file and the access list for Mosquitto, from the inventory')
    .requiredOption('--out <folder>', 'where `passwords` and `acl` are written')
    .option('--json', 'print JSON')
    .action(
      action((options: BrokerOptions) =>
        onState(({ inventory }, { mqttUrl }) => writeFiles(inventory, mqttUrl, options), { begins: true }),
      ),
    );
};

async function writeFiles(inventory: Inventory, mqttUrl: string | null, options: BrokerOptions): Promise<void> {
  const controller = controllerLogin(mqttUrl);
  const logger = commandLogger();
  const agentId = (await inventory.agents.get(systemAccess('arung broker acl'), 'local')).entity.id;
  const terminals = new TerminalCredentials({ targets: inventory.targets, agentId, logger });
  const agents = new AgentDirectory({ source: inventory.targets, logger });
  await Promise.all([terminals.refresh(), agents.refresh()]);
  const logins = new Map([...terminals.logins(), ...agents.logins(), controller]);
  const files = await mosquittoFiles(logins);
  const folder = resolve(options.out);
  mkdirSync(folder, { recursive: true });
  const [passwords, acl] = [join(folder, 'passwords'), join(folder, 'acl')];
  writeFileSync(passwords, files.passwords, { mode: 0o600 });
  writeFileSync(acl, files.acl, { mode: 0o600 });
  const users = logins.size - files.leftOut.length;
  print(options, { passwords, acl, users, leftOut: files.leftOut.length }, () =>
    [
      `${users} ${users === 1 ? 'user' : 'users'}, ${files.leftOut.length} left out because of their name. For mosquitto.conf:`,
      '',
      'allow_anonymous false',
      `password_file ${passwords}`,
      `acl_file ${acl}`,
      '',
      'Make them readable for Mosquitto, and send it SIGHUP after each change.',
    ].join('\n'),
  );
}

/** The controller's own name and password, as in its setting. */
function controllerLogin(mqttUrl: string | null): [string, MqttCredential] {
  const url = mqttUrl === null ? null : new URL(mqttUrl);
  if (url === null || url.username === '' || url.password === '') {
    throw new ArungError(
      'invalid',
      'Set ARUNG_MQTT_URL to mqtt://USER:PASSWORD@HOST:1883 first: the controller signs in with this name and password, and they belong in the files.',
      { code: 'broker.no-controller-login' },
    );
  }
  const user = decodeURIComponent(url.username);
  return [user, { principal: { kind: 'controller' }, password: decodeURIComponent(url.password) }];
}
