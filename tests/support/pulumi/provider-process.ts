import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  empty,
  engineServices,
  enginePb,
  grpc,
  pb,
  propertiesOf,
  services,
  statusPb,
  structOf,
} from '../../../pulumi/provider/messages.ts';
import {
  isSecret,
  plainProperties,
  secret,
  unknown,
  type Properties,
  type Value,
} from '../../../pulumi/provider/values.ts';

const program = join(import.meta.dirname, '../../../pulumi/provider/pulumi-resource-arung');
const bin = join(import.meta.dirname, '../../../node_modules/.bin');

export interface State {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

type Client = InstanceType<typeof services.ResourceProviderClient>;
type Reply<Answer> = (error: Error | null, answer: Answer) => void;

/** Asks the shipped provider, over the wire and in its own process, what Pulumi's engine would ask it. */
export class ProviderProcess {
  /** Lines that the engine would show, with their severity. */
  readonly said: string[] = [];
  readonly #child: ChildProcess;
  readonly #client: Client;
  readonly #engine: InstanceType<typeof grpc.Server>;

  private constructor(child: ChildProcess, client: Client, engine: InstanceType<typeof grpc.Server>) {
    this.#child = child;
    this.#client = client;
    this.#engine = engine;
  }

  static async start(env: Readonly<Record<string, string>>): Promise<ProviderProcess> {
    const engine = new grpc.Server();
    let provider: ProviderProcess | null = null;
    engine.addService(engineServices.EngineService as never, {
      log: (call: { request: InstanceType<typeof enginePb.LogRequest> }, done: Reply<unknown>) => {
        const { request } = call;
        const level = request.getSeverity() === enginePb.LogSeverity.WARNING ? 'warning' : 'info';
        provider?.said.push(`${request.getEphemeral() ? 'status' : level}: ${request.getMessage()}`);
        done(null, empty());
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      engine.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const child = spawn(program, [`127.0.0.1:${port}`], {
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const client = new services.ResourceProviderClient(`127.0.0.1:${line}`, grpc.credentials.createInsecure());
    provider = new ProviderProcess(child, client, engine);
    return provider;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** As the engine does when it ends, however it ends: its end of stdin closes. Resolves when the provider has ended. */
  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
    this.#client.close();
    this.#engine.forceShutdown();
  }

  async configure(config: Properties): Promise<readonly string[]> {
    const request = new pb.CheckRequest();
    request.setUrn('urn:pulumi:kahu::uji::pulumi:providers:arung::default');
    request.setNews(structOf(config));
    const checked = await this.#ask<InstanceType<typeof pb.CheckResponse>>('checkConfig', request);
    const failures = failuresOf(checked);
    if (failures.length > 0) return failures;
    const configuration = new pb.ConfigureRequest();
    configuration.setArgs(structOf(config));
    await this.#ask('configure', configuration);
    return [];
  }

  /** As the engine does where the settings come out of the state: nobody has checked them. */
  async configureUnchecked(config: Properties): Promise<void> {
    const configuration = new pb.ConfigureRequest();
    configuration.setArgs(structOf(config));
    await this.#ask('configure', configuration);
  }

  /** The inputs as the provider has them, or what is wrong with each property. */
  async check(
    name: string,
    type: string,
    inputs: Properties,
    olds: Properties = {},
  ): Promise<{ inputs: Properties; failures: readonly string[] }> {
    const request = new pb.CheckRequest();
    request.setUrn(urnOf(name, type));
    request.setNews(structOf(inputs));
    request.setOlds(structOf(olds));
    const answer = await this.#ask<InstanceType<typeof pb.CheckResponse>>('check', request);
    return { inputs: propertiesOf(answer.getInputs()), failures: failuresOf(answer) };
  }

  /** Path and kind of each difference: `values.address UPDATE_REPLACE`. */
  async diff(name: string, type: string, state: State, news: Properties): Promise<readonly string[]> {
    const request = new pb.DiffRequest();
    request.setId(state.id);
    request.setUrn(urnOf(name, type));
    request.setOlds(structOf(state.outputs));
    request.setOldInputs(structOf(state.inputs));
    request.setNews(structOf(news));
    const answer = await this.#ask<InstanceType<typeof pb.DiffResponse>>('diff', request);
    const kinds = Object.entries(pb.PropertyDiff.Kind);
    const found: string[] = [];
    answer.getDetaileddiffMap().forEach((difference, path) => {
      found.push(`${path} ${kinds.find(([, value]) => value === difference.getKind())?.[0]}`);
    });
    return found;
  }

  async create(name: string, type: string, inputs: Properties, preview = false): Promise<State> {
    const request = new pb.CreateRequest();
    request.setUrn(urnOf(name, type));
    request.setProperties(structOf(inputs));
    request.setPreview(preview);
    const answer = await this.#ask<InstanceType<typeof pb.CreateResponse>>('create', request);
    return { id: answer.getId(), inputs, outputs: propertiesOf(answer.getProperties()) };
  }

  async read(name: string, type: string, state: State): Promise<State | null> {
    const request = new pb.ReadRequest();
    request.setId(state.id);
    request.setUrn(urnOf(name, type));
    request.setProperties(structOf(state.outputs));
    request.setInputs(structOf(state.inputs));
    const answer = await this.#ask<InstanceType<typeof pb.ReadResponse>>('read', request);
    if (answer.getId() === '') return null;
    return {
      id: answer.getId(),
      inputs: propertiesOf(answer.getInputs()),
      outputs: propertiesOf(answer.getProperties()),
    };
  }

  async update(name: string, type: string, state: State, inputs: Properties, preview = false): Promise<State> {
    const request = new pb.UpdateRequest();
    request.setId(state.id);
    request.setUrn(urnOf(name, type));
    request.setOlds(structOf(state.outputs));
    request.setOldInputs(structOf(state.inputs));
    request.setNews(structOf(inputs));
    request.setPreview(preview);
    const answer = await this.#ask<InstanceType<typeof pb.UpdateResponse>>('update', request);
    return { id: state.id, inputs, outputs: propertiesOf(answer.getProperties()) };
  }

  async delete(name: string, type: string, state: State): Promise<void> {
    const request = new pb.DeleteRequest();
    request.setId(state.id);
    request.setUrn(urnOf(name, type));
    request.setProperties(structOf(state.outputs));
    request.setOldInputs(structOf(state.inputs));
    await this.#ask('delete', request);
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const request = new pb.InvokeRequest();
    request.setTok(token);
    request.setArgs(structOf(args));
    return propertiesOf((await this.#ask<InstanceType<typeof pb.InvokeResponse>>('invoke', request)).getReturn());
  }

  #ask<Answer>(method: string, request: unknown): Promise<Answer> {
    const client = this.#client as unknown as Record<string, (request: unknown, reply: Reply<Answer>) => void>;
    return new Promise((resolve, reject) => {
      client[method]?.call(client, request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
  }
}

/** What the engine keeps of a resource that is there, and not as it should be. */
export function keptOf(error: unknown): State {
  const metadata = error instanceof Error && 'metadata' in error ? error.metadata : null;
  const [packed] = metadata instanceof grpc.Metadata ? metadata.get('grpc-status-details-bin') : [];
  const [detail] = statusPb.Status.deserializeBinary(Buffer.from(packed ?? '')).getDetailsList();
  const failed = detail?.unpack(pb.ErrorResourceInitFailed.deserializeBinary, 'pulumirpc.ErrorResourceInitFailed');
  if (failed === null || failed === undefined) throw new Error(`the engine would keep nothing of it: ${String(error)}`);
  return {
    id: failed.getId(),
    inputs: propertiesOf(failed.getInputs()),
    outputs: propertiesOf(failed.getProperties()),
  };
}

function urnOf(name: string, type: string): string {
  return `urn:pulumi:kahu::uji::arung:index:${type}::${name}`;
}

function failuresOf(answer: InstanceType<typeof pb.CheckResponse>): readonly string[] {
  return answer.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
}

/** Names of what is marked secret, by path. */
export function secretsIn(value: Value, path = ''): readonly string[] {
  if (isSecret(value)) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => secretsIn(one, path === '' ? name : `${path}.${name}`));
}

export { plainProperties, secret, unknown };
