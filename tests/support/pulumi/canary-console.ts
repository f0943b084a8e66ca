import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Canaries } from '../canaries.ts';
import { ProgramFolder } from './program-folder.ts';
import { Stack } from './stack.ts';

const stackName = 'kahu';
const device = 'ap-b-01';
/** The program says whatever it may read: what Arung hands to it must not come back by its words. */
const says = "`${process.env['PULUMI_CONFIG_PASSPHRASE']} ${process.env['ARUNG_TOKEN']}`";
const program = `import * as pulumi from '@pulumi/pulumi';
import { Rollout } from './arung/rollout.ts';
import { RouterosItem } from './arung/routeros-item.ts';
import { RouterosSettings } from './arung/routeros-settings.ts';

const config = new pulumi.Config();
const on = { device: config.require('device') };
const item = (name, menu, values) => new RouterosItem(name, { ...on, menu, values });
const made = [
  item('ani', '/user', { name: 'ani', group: 'read', password: config.requireSecret('sandi') }),
  item('budi', '/user', { name: 'budi', group: 'read', password: '{{variable:sandi}}' }),
  item('terowongan', '/interface/wireguard', { name: 'wg8', 'private-key': config.requireSecret('kunci') }),
  item('kirim', '/system/script', {
    name: 'kirim',
    source: pulumi.interpolate\`/tool fetch url="https://x" user="{{variable:sandi}}" password="\${config.requireSecret('skrip')}"\`,
  }),
  new RouterosSettings('catatan', { ...on, menu: '/system/note', values: { note: config.requireSecret('catatan') } }),
];
if (config.getBoolean('menolak') === true) {
  made.push(item('tolak', '/ppp/secret', { name: 'desa', password: config.requireSecret('tolak') }));
}
new Rollout('rollout', { of: made, pauseS: 0, rollbackS: 60 });
pulumi.log.info(${says});
`;

/** The folder of a program that the console runs, with canaries in its configuration; the passphrase is one, too. */
export class CanaryConsole {
  static readonly device = device;
  readonly folder = new ProgramFolder(program);
  /** Has the CLI and the stand-in for its language host in `bin`. */
  readonly cli: Stack;
  readonly passphrase: string;
  readonly wrongPassphrase: string;
  readonly #canaries: Canaries;

  constructor(pulumi: string, canaries: Canaries) {
    this.#canaries = canaries;
    this.passphrase = canaries.text('passphrase of a stack');
    this.wrongPassphrase = canaries.text('passphrase that is wrong');
    this.cli = new Stack(pulumi, { PULUMI_CONFIG_PASSPHRASE: this.passphrase });
  }

  /** Where the CLI keeps what it knows. */
  get state(): string {
    return join(this.folder.path, 'state');
  }

  /** What stands beside the program: its configuration, secrets encrypted. */
  configuration(): ReadonlyMap<string, string> {
    const names = readdirSync(this.folder.path).filter((name) => name.startsWith('Pulumi.'));
    return new Map(names.map((name) => join(this.folder.path, name)).map((path) => [path, readFileSync(path, 'utf8')]));
  }

  async start(): Promise<void> {
    mkdirSync(this.state, { recursive: true });
    await this.cli.well('stack', 'init', stackName);
  }

  /** The configuration with other secrets than before; encrypted by the real CLI, as a person does it. */
  async configured(mark: string): Promise<void> {
    for (const name of ['sandi', 'skrip', 'catatan', 'tolak']) {
      await this.cli.setSecret(`arung:${name}`, this.#canaries.text(`console ${name} ${mark}`));
    }
    await this.cli.setSecret('arung:kunci', this.#canaries.key(`console kunci ${mark}`));
    const text = readFileSync(join(this.cli.folder, `Pulumi.${stackName}.yaml`), 'utf8');
    writeFileSync(join(this.folder.path, `Pulumi.${stackName}.yaml`), text);
    this.folder.configure(stackName, { device });
  }

  /** From now on the program has something that no simulated router takes. */
  refused(): void {
    this.folder.configure(stackName, { menolak: 'true' });
  }

  /** From now on the program ends with an error that says what it may read. */
  broken(): void {
    this.folder.append(`throw new Error(${says});\n`);
  }

  remove(): void {
    this.folder.remove();
    this.cli.remove();
  }
}
