import { fstatSync } from 'node:fs';
import type { handleUnaryCall, ServerUnaryCall, ServiceError, UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  anyPb,
  empty,
  engineServices,
  enginePb,
  grpc,
  pb,
  pluginPb,
  propertiesOf,
  services,
  statusPb,
  structOf,
} from './messages.ts';
import { InitFailed, type Change, type Failure, type State } from './resource.ts';
import { isSame, plainProperties, type Properties } from './values.ts';

/** A request that is about one resource. */
export interface Asked {
  readonly urn: string;
  readonly preview: boolean;
  readonly signal: AbortSignal;
  log(message: string, severity?: 'info' | 'warning'): void;
  status(message: string): void;
}

/** What a provider does, without the words of the wire. Secrets are marked in and out. */
export interface Provider {
  readonly version: string;
  /** `schema.json`, as it is. */
  readonly schema: string;
  checkConfig(config: Properties): readonly Failure[];
  configure(config: Properties, asking: Pick<Asked, 'signal' | 'status'>): Promise<void>;
  check(
    asked: Asked,
    inputs: Properties,
    olds: Properties,
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly Failure[] }>;
  diff(
    asked: Asked,
    olds: { readonly inputs: Properties; readonly outputs: Properties },
    news: Properties,
  ): readonly Change[];
  create(asked: Asked, inputs: Properties): Promise<State>;
  read(asked: Asked, known: State): Promise<State | null>;
  update(asked: Asked, known: State, inputs: Properties): Promise<State>;
  delete(asked: Asked, known: State): Promise<void>;
  invoke(token: string, args: Properties, signal: AbortSignal): Promise<Properties>;
}

interface AboutResource {
  getUrn(): string;
  getPreview?: () => boolean;
  getTimeout?: () => number;
}

const kinds = {
  add: pb.PropertyDiff.Kind.ADD,
  delete: pb.PropertyDiff.Kind.DELETE,
  update: pb.PropertyDiff.Kind.UPDATE,
};
const largest = 400 * 1024 * 1024;

/** Serves a provider to the engine that started this process, until the engine ends. */
export class ProviderServer {
  readonly #provider: Provider;
  readonly #cancel = new AbortController();
  /** Lines that the engine has not taken yet: an answer waits for them, since the engine may end with it. */
  readonly #unsaid = new Set<Promise<void>>();
  #engine: InstanceType<typeof engineServices.EngineClient> | null = null;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  /** @param engine the engine's address: the last argument of the process, where it has one. */
  async start(engine: string | undefined): Promise<void> {
    if (engine?.includes(':') === true) this.#connect(engine);
    const server = new grpc.Server({
      'grpc.max_receive_message_length': largest,
      'grpc.max_send_message_length': largest,
    });
    server.addService(services.ResourceProviderService as never, this.#handlers());
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    // The first line on stdout is the port, and nothing may come before it.
    process.stdout.write(`${port}\n`);
    endWithEngine();
  }

  #connect(address: string): void {
    this.#engine = new engineServices.EngineClient(address, grpc.credentials.createInsecure());
  }

  #handlers(): UntypedServiceImplementation {
    const provider = this.#provider;
    const own: UntypedServiceImplementation = {
      handshake: unary((request: InstanceType<typeof pb.ProviderHandshakeRequest>) => {
        this.#connect(request.getEngineAddress());
        const answer = new pb.ProviderHandshakeResponse();
        answer.setAcceptSecrets(true);
        return answer;
      }),
      attach: unary((request: InstanceType<typeof pluginPb.PluginAttach>) => {
        this.#connect(request.getAddress());
        return empty();
      }),
      getPluginInfo: unary(() => {
        const answer = new pluginPb.PluginInfo();
        answer.setVersion(provider.version);
        return answer;
      }),
      getSchema: unary(() => {
        const answer = new pb.GetSchemaResponse();
        answer.setSchema(provider.schema);
        return answer;
      }),
      checkConfig: unary((request: InstanceType<typeof pb.CheckRequest>) => {
        const config = propertiesOf(request.getNews());
        return checked(config, provider.checkConfig(plainProperties(config)));
      }),
      diffConfig: unary((request: InstanceType<typeof pb.DiffRequest>) => {
        // "None" would make the engine go on with the old address and token.
        const same = isSame(propertiesOf(request.getOldInputs()), propertiesOf(request.getNews()));
        const answer = new pb.DiffResponse();
        const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
        answer.setChanges(same ? DIFF_NONE : DIFF_SOME);
        return answer;
      }),
      configure: unary(async (request: InstanceType<typeof pb.ConfigureRequest>, call) => {
        await provider.configure(plainProperties(propertiesOf(request.getArgs())), {
          signal: this.#signal(call, 0),
          // Of no resource: the engine shows it at the stack.
          status: (message) => this.#say({ urn: '', message, severity: 'info', ephemeral: true }),
        });
        const answer = new pb.ConfigureResponse();
        answer.setAcceptsecrets(true);
        answer.setSupportspreview(true);
        return answer;
      }),
      invoke: unary(async (request: InstanceType<typeof pb.InvokeRequest>, call) => {
        const args = plainProperties(propertiesOf(request.getArgs()));
        const answer = new pb.InvokeResponse();
        answer.setReturn(structOf(await provider.invoke(request.getTok(), args, this.#signal(call, 0))));
        return answer;
      }),
      cancel: unary(() => {
        this.#cancel.abort(new Error('stopped by the user'));
        return empty();
      }),
      ...this.#resourceHandlers(),
    };
    const missing = Object.keys(services.ResourceProviderService).filter((name) => own[name] === undefined);
    return { ...own, ...Object.fromEntries(missing.map((name) => [name, unimplemented(name)])) };
  }

  #resourceHandlers(): UntypedServiceImplementation {
    const provider = this.#provider;
    return {
      check: this.#about(async (request: InstanceType<typeof pb.CheckRequest>, call) => {
        const [news, olds] = [propertiesOf(request.getNews()), propertiesOf(request.getOlds())];
        const { inputs, failures } = await provider.check(this.#asked(request, call), news, olds);
        return checked(inputs, failures);
      }),
      diff: this.#about((request: InstanceType<typeof pb.DiffRequest>, call) => {
        const olds = { inputs: propertiesOf(request.getOldInputs()), outputs: propertiesOf(request.getOlds()) };
        const changes = provider.diff(this.#asked(request, call), olds, propertiesOf(request.getNews()));
        return differing(changes, new Set(request.getIgnorechangesList()));
      }),
      create: this.#about(async (request: InstanceType<typeof pb.CreateRequest>, call) => {
        const state = await provider.create(this.#asked(request, call), propertiesOf(request.getProperties()));
        const answer = new pb.CreateResponse();
        answer.setId(state.id);
        return stated(answer, state);
      }),
      read: this.#about(async (request: InstanceType<typeof pb.ReadRequest>, call) => {
        const known = {
          id: request.getId(),
          outputs: propertiesOf(request.getProperties()),
          inputs: propertiesOf(request.getInputs()),
        };
        const state = await provider.read(this.#asked(request, call), known);
        const answer = new pb.ReadResponse();
        // An empty id says that it is gone.
        if (state === null) return answer;
        answer.setId(state.id);
        answer.setInputs(structOf(state.inputs));
        return stated(answer, state);
      }),
      update: this.#about(async (request: InstanceType<typeof pb.UpdateRequest>, call) => {
        const known = {
          id: request.getId(),
          outputs: propertiesOf(request.getOlds()),
          inputs: propertiesOf(request.getOldInputs()),
        };
        const state = await provider.update(this.#asked(request, call), known, propertiesOf(request.getNews()));
        return stated(new pb.UpdateResponse(), state);
      }),
      delete: this.#about(async (request: InstanceType<typeof pb.DeleteRequest>, call) => {
        const known = {
          id: request.getId(),
          outputs: propertiesOf(request.getProperties()),
          inputs: propertiesOf(request.getOldInputs()),
        };
        await provider.delete(this.#asked(request, call), known);
        return empty();
      }),
    };
  }

  #asked(request: AboutResource, call: Emitter): Asked {
    const urn = request.getUrn();
    return {
      urn,
      preview: request.getPreview?.() ?? false,
      signal: this.#signal(call, request.getTimeout?.() ?? 0),
      log: (message, severity = 'info') => this.#say({ urn, message, severity, ephemeral: false }),
      status: (message) => this.#say({ urn, message, severity: 'info', ephemeral: true }),
    };
  }

  #signal(call: Emitter, timeoutS: number): AbortSignal {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort(new Error('the engine has given up')));
    const signals = [this.#cancel.signal, gone.signal];
    return AbortSignal.any(timeoutS > 0 ? [...signals, AbortSignal.timeout(timeoutS * 1_000)] : signals);
  }

  #say(said: { urn: string; message: string; severity: 'info' | 'warning'; ephemeral: boolean }): void {
    const request = new enginePb.LogRequest();
    request.setUrn(said.urn);
    request.setMessage(said.message);
    request.setSeverity(said.severity === 'info' ? enginePb.LogSeverity.INFO : enginePb.LogSeverity.WARNING);
    request.setEphemeral(said.ephemeral);
    const engine = this.#engine;
    if (engine === null) return;
    const saying = new Promise<void>((resolve) => {
      engine.log(request, () => resolve());
    }).finally(() => this.#unsaid.delete(saying));
    this.#unsaid.add(saying);
  }

  /** Of a question about one resource. */
  #about<Request, Answer>(
    handle: (request: Request, call: Emitter) => Answer | Promise<Answer>,
  ): handleUnaryCall<Request, Answer> {
    return unary(async (request: Request, call) => {
      try {
        return await handle(request, call);
      } finally {
        await Promise.all(this.#unsaid);
      }
    });
  }
}

type Emitter = Pick<ServerUnaryCall<unknown, unknown>, 'on'>;

function unary<Request, Answer>(
  handle: (request: Request, call: Emitter) => Answer | Promise<Answer>,
): handleUnaryCall<Request, Answer> {
  return async (call, done) => {
    try {
      done(null, await handle(call.request, call));
    } catch (error) {
      done(failureOf(error));
    }
  };
}

function unimplemented(name: string): handleUnaryCall<unknown, unknown> {
  return (_call, done) => done({ code: grpc.status.UNIMPLEMENTED, details: `Arung’s provider has no ${name}` });
}

function checked(inputs: Properties, failures: readonly Failure[]) {
  const answer = new pb.CheckResponse();
  answer.setInputs(structOf(inputs));
  answer.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new pb.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return answer;
}

function differing(all: readonly Change[], ignored: ReadonlySet<string>) {
  const topOf = (path: string): string => path.split(/[.[]/, 1)[0] ?? path;
  const changes = all.filter(({ path }) => !ignored.has(path) && !ignored.has(topOf(path)));
  const answer = new pb.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  answer.setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME);
  answer.setHasdetaileddiff(true);
  answer.setDeletebeforereplace(true);
  answer.setReplacesList(changes.filter(({ replace }) => replace === true).map(({ path }) => path));
  answer.setDiffsList([...new Set(changes.map(({ path }) => topOf(path)))]);
  for (const { path, kind, replace = false, isOutput = false } of changes) {
    const difference = new pb.PropertyDiff();
    // Each kind is followed by the same one that replaces.
    difference.setKind((kinds[kind] + (replace ? 1 : 0)) as typeof kinds.add);
    difference.setInputdiff(!isOutput);
    answer.getDetaileddiffMap().set(path, difference);
  }
  return answer;
}

/** Every later preview and up looks first at what is there: what a hand has changed is seen without being asked for. */
function stated<
  Answer extends {
    setProperties(value: ReturnType<typeof structOf>): void;
    setRefreshBeforeUpdate(value: boolean): void;
  },
>(answer: Answer, { outputs }: Pick<State, 'outputs'>): Answer {
  answer.setProperties(structOf(outputs));
  answer.setRefreshBeforeUpdate(true);
  return answer;
}

function failureOf(error: unknown): Partial<ServiceError> {
  const details = error instanceof Error ? error.message : String(error);
  const code = grpc.status.UNKNOWN;
  if (!(error instanceof InitFailed)) return { code, details };
  const { state, reasons } = error;
  const failed = new pb.ErrorResourceInitFailed();
  failed.setId(state.id);
  failed.setProperties(structOf(state.outputs));
  failed.setInputs(structOf(state.inputs));
  failed.setReasonsList([...reasons]);
  failed.setRefreshBeforeUpdate(true);
  const packed = new anyPb.Any();
  packed.pack(failed.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const status = new statusPb.Status();
  status.setCode(code);
  status.setMessage(details);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.add('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  return { code, details, metadata };
}

/** The engine holds our stdin, except where a language host starts us: that one ends us itself. */
function endWithEngine(): void {
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  const end = (): never => process.exit(0);
  process.stdin.on('end', end).on('error', end).resume();
}
