import { readFileSync } from 'node:fs';
import { Controller, makeToken } from './controller.ts';
import { getRouters } from './get-routers.ts';
import { getVariables } from './get-variables.ts';
import { Looks } from './looks.ts';
import { ProviderServer, type Asked, type Provider } from './protocol.ts';
import type { Change, Context, Failure, Resource, State } from './resource.ts';
import { resources } from './resources.ts';
import { Schema, type PackageSchema } from './schema.ts';
import { textOf, type Properties } from './values.ts';

/** A look at a device that is younger is not repeated: an `up` takes that of its own preview. */
const usualLookAgeS = 10;
/** A controller that is being updated is back by then. */
const usualAwayS = 60;

/** What a program may ask, by token. */
const functions: Readonly<Record<string, typeof getRouters>> = {
  'arung:index:getRouters': getRouters,
  'arung:index:getVariables': getVariables,
};

/** Arung's provider: what the engine asks, handed to the resource that it is about. */
class ArungProvider implements Provider {
  readonly schema = readFileSync(new URL('schema.json', import.meta.url), 'utf8');
  readonly version: string;
  readonly #schema: Schema;
  readonly #resources: ReadonlyMap<string, Resource> = new Map(
    resources.map((one) => [`arung:index:${one.type}`, one]),
  );
  readonly #environment: NodeJS.ProcessEnv;
  #connected: Pick<Context, 'controller' | 'looks'> | null = null;

  constructor(environment: NodeJS.ProcessEnv) {
    const schema = JSON.parse(this.schema) as PackageSchema;
    this.version = schema.version;
    this.#schema = new Schema(schema);
    this.#environment = environment;
  }

  checkConfig(config: Properties): readonly Failure[] {
    const { url, token, lookAgeS, awayS } = this.#settings(config);
    const failures: Failure[] = [];
    if (url === '') {
      failures.push({ property: 'url', reason: 'is needed: `pulumi config set arung:url https://…`, or ARUNG_URL.' });
    } else if (!/^https?:$/.test(protocolOf(url))) {
      const reason = `is no address of a controller: ${url}. It begins with http:// or https://: \`pulumi config set arung:url http://127.0.0.1:8080\`, or ARUNG_URL.`;
      failures.push({ property: 'url', reason });
    }
    if (token === '') {
      const reason =
        this.#environment['ARUNG_TOKEN'] === undefined
          ? 'is needed'
          : 'is needed, and ARUNG_TOKEN is set to nothing (the command that should have made one may have failed)';
      failures.push({
        property: 'token',
        reason: `${reason}: \`${makeToken}\` makes one; then \`pulumi config set --secret arung:token\`, or ARUNG_TOKEN.`,
      });
    }
    for (const [property, seconds] of Object.entries({ lookAgeS, awayS })) {
      if (!(seconds >= 0)) failures.push({ property, reason: 'must be a number of seconds.' });
    }
    return failures;
  }

  /** Of a stack that is in use the engine takes the settings out of the state, and has nobody check them before. */
  async configure(config: Properties, asking: Pick<Asked, 'signal' | 'status'>): Promise<void> {
    const failures = this.checkConfig(config);
    if (failures.length > 0) throw new Error(failures.map(({ property, reason }) => `${property} ${reason}`).join(' '));
    const { url, token, lookAgeS, awayS } = this.#settings(config);
    const controller = new Controller({ url, token, awayMs: awayS * 1_000 });
    // What is wrong with address or token is said here once, and not by every resource.
    await controller.introduce(asking);
    this.#connected = { controller, looks: new Looks(controller, lookAgeS) };
  }

  /** The environment wins: a refresh and a destroy come with the token of the state, also when it was revoked since. */
  #settings(config: Properties) {
    const { ARUNG_URL, ARUNG_TOKEN, ARUNG_LOOK_AGE_S, ARUNG_AWAY_S } = this.#environment;
    const secondsOf = (text: string | undefined, usual: number): number =>
      text === undefined || text === '' ? usual : Number(text);
    const { url, token, lookAgeS, awayS } = config;
    return {
      url: (ARUNG_URL ?? textOf(url)).replace(/\/+$/, ''),
      token: ARUNG_TOKEN ?? textOf(token),
      lookAgeS: secondsOf(ARUNG_LOOK_AGE_S ?? String(lookAgeS ?? ''), usualLookAgeS),
      awayS: secondsOf(ARUNG_AWAY_S ?? String(awayS ?? ''), usualAwayS),
    };
  }

  async check(asked: Asked, given: Properties, olds: Properties) {
    const token = tokenOf(asked.urn);
    const { inputs, failures } = this.#schema.check(token, given);
    if (failures.length > 0) return { inputs, failures };
    return this.#resource(token).check(inputs, this.#context(asked), olds);
  }

  diff(
    asked: Asked,
    olds: { readonly inputs: Properties; readonly outputs: Properties },
    news: Properties,
  ): readonly Change[] {
    const token = tokenOf(asked.urn);
    const replacing = this.#schema.replacing(token);
    const changes = this.#resource(token).diff(olds, news);
    return changes.map((change) => (replacing.has(change.path) ? { ...change, replace: true } : change));
  }

  create(asked: Asked, inputs: Properties): Promise<State> {
    return this.#of(asked).create(inputs, this.#context(asked));
  }

  read(asked: Asked, known: State): Promise<State | null> {
    return this.#of(asked).read(known, this.#context(asked));
  }

  update(asked: Asked, known: State, inputs: Properties): Promise<State> {
    return this.#of(asked).update(known, inputs, this.#context(asked));
  }

  delete(asked: Asked, known: State): Promise<void> {
    return this.#of(asked).delete(known, this.#context(asked));
  }

  async invoke(token: string, args: Properties, signal: AbortSignal): Promise<Properties> {
    const call = functions[token];
    if (call === undefined) {
      throw new Error(`Arung has no function ${token}: it has ${Object.keys(functions).join(', ')}.`);
    }
    return call(args, this.#connection().controller, signal);
  }

  #of({ urn }: Asked): Resource {
    return this.#resource(tokenOf(urn));
  }

  #resource(token: string): Resource {
    const found = this.#resources.get(token);
    if (found !== undefined) return found;
    throw new Error(`Arung has no resource of the type ${token}: it has ${[...this.#resources.keys()].join(', ')}.`);
  }

  #connection(): Pick<Context, 'controller' | 'looks'> {
    if (this.#connected === null) throw new Error('The engine has not said yet which controller is meant.');
    return this.#connected;
  }

  #context(asked: Asked): Context {
    const { urn } = asked;
    // urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME, where only the name may hold a double colon
    const [stack = '', project = '', , ...name] = urn.replace(/^urn:pulumi:/, '').split('::');
    const called = name.join('::');
    return {
      urn,
      name: called,
      program: `pulumi ${project}/${stack}`,
      owner: `pulumi ${project}/${stack} ${called}`,
      preview: asked.preview,
      signal: asked.signal,
      ...this.#connection(),
      log: (message, severity) => asked.log(message, severity),
      status: (message) => asked.status(message),
    };
  }
}

function tokenOf(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? urn;
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}

await new ProviderServer(new ArungProvider(process.env)).start(process.argv.at(-1));
