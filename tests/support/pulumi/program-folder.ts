import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** A small program with one secret in its text; imports what is copied beside it. */
export const programWith = (secret: string): string => `import * as pulumi from '@pulumi/pulumi';
import { Rollout } from './arung/rollout.ts';
import { RouterosItem } from './arung/routeros-item.ts';

const config = new pulumi.Config();
const on = { device: config.require('device') };
const password = pulumi.secret(${JSON.stringify(secret)});
const lan = new RouterosItem('lan', { ...on, menu: '/ip/address', values: { address: config.require('address'), interface: 'bridge' } });
const ani = new RouterosItem('ani', { ...on, menu: '/user', values: { name: 'ani', group: 'read', password } });
new Rollout('rollout', { of: [lan, ani], pauseS: 0, rollbackS: 60, onlyInMaintenance: config.getBoolean('waits') ?? false });
pulumi.log.info(\`\\u001b[31malamat \${config.require('address')}\\u202e\`);
`;

/**
 * The shipped folder as a copy, with a small program of its own in the place of the example: what a person has who keeps
 * a program on the controller's machine.
 */
export class ProgramFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'arung-folder-'));

  readonly #program: string;

  /** @param program what `index.ts` is. */
  constructor(program: string) {
    this.#program = program;
    for (const name of ['arung', 'components', 'provider', 'Pulumi.yaml', 'package.json']) {
      cpSync(join(root, 'pulumi', name), join(this.path, name), {
        recursive: true,
        filter: (source) => !source.includes('node_modules'),
      });
    }
    symlinkSync(join(root, 'node_modules'), join(this.path, 'node_modules'));
    this.append('');
  }

  /** Makes the configuration of a stack, or changes single values of it where it stands: Pulumi writes there, too. */
  configure(stack: string, config: Readonly<Record<string, string>>): void {
    const path = join(this.path, `Pulumi.${stack}.yaml`);
    let text = existsSync(path) ? readFileSync(path, 'utf8') : 'config:\n';
    for (const [name, value] of Object.entries(config)) {
      const line = `  arung:${name}: ${value}\n`;
      const there = new RegExp(`^ *arung:${name}: .*\\n`, 'm');
      text = there.test(text) ? text.replace(there, line) : text + line;
    }
    writeFileSync(path, text);
  }

  /** Meanwhile nobody can tell whether a passphrase is the stack's. */
  async withoutSalt(stack: string, work: () => Promise<unknown>): Promise<void> {
    const path = join(this.path, `Pulumi.${stack}.yaml`);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/^encryptionsalt: .*\n/m, ''));
    await work();
    writeFileSync(path, text);
  }

  /** The program goes on with this. */
  append(text: string): void {
    writeFileSync(join(this.path, 'index.ts'), this.#program + text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
