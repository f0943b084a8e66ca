import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import grpc, { type handleUnaryCall, type UntypedServiceImplementation } from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/language_grpc_pb.js';
import pb from '@pulumi/pulumi/proto/language_pb.js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';

/**
 * Stands in for Pulumi's own `pulumi-language-nodejs`, for tests only: that one comes with Pulumi's releases and not as a Go
 * module. It does what the engine needs to run a program of Node.js: one process of @pulumi/pulumi's `cmd/run` an operation.
 */
/** Of `cmd/run`: the program has told the user already what is wrong. */
const toldAlready = 32;
/** The engine's address is the last argument. */
const engine = process.argv.at(-1) ?? '';
const children = new Set<ChildProcess>();

function run(request: InstanceType<typeof pb.RunRequest>): Promise<InstanceType<typeof pb.RunResponse>> {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? '';
  const program = createRequire(`${directory}/index.js`).resolve('@pulumi/pulumi/cmd/run');
  const flags: Readonly<Record<string, string>> = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    'root-directory': info?.getRootDirectory() ?? '',
    stack: request.getStack(),
    pwd: directory,
    parallel: String(request.getParallel()),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => (value === '' ? [] : [`--${name}`, value]));
  if (request.getDryrun()) args.push('--dry-run');
  const config = Object.fromEntries(
    request
      .getConfigMap()
      .toObject()
      .map(([name, value]) => [name.replace(':', ':config:'), value]),
  );
  const { nodeargs = '' } = (info?.getOptions()?.toJavaScript() ?? {}) as { readonly nodeargs?: string };
  const nodeArguments = nodeargs.split(' ').filter((word) => word !== '');
  const child = spawn(
    process.execPath,
    [...nodeArguments, program, ...args, info?.getEntryPoint() ?? '.', ...request.getArgsList()],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
    },
  );
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      children.delete(child);
      const answer = new pb.RunResponse();
      if (code === toldAlready) answer.setBail(true);
      else if (code !== 0) answer.setError(`the program ended with ${code ?? signal}`);
      resolve(answer);
    });
  });
}

function unary<Request, Answer>(
  handle: (request: Request) => Answer | Promise<Answer>,
): handleUnaryCall<Request, Answer> {
  return async (call, done) => {
    try {
      done(null, await handle(call.request));
    } catch (error) {
      done({ code: grpc.status.UNKNOWN, details: String(error) });
    }
  };
}

const handlers: UntypedServiceImplementation = {
  handshake: unary(() => new pb.LanguageHandshakeResponse()),
  getPluginInfo: unary(() => {
    const answer = new pluginPb.PluginInfo();
    answer.setVersion('3.0.0');
    return answer;
  }),
  // The project names its only provider by its folder.
  getRequiredPackages: unary(() => new pb.GetRequiredPackagesResponse()),
  getProgramDependencies: unary(() => new pb.GetProgramDependenciesResponse()),
  runtimeOptionsPrompts: unary(() => new pb.RuntimeOptionsResponse()),
  about: unary(() => {
    const answer = new pb.AboutResponse();
    answer.setExecutable(process.execPath);
    answer.setVersion(process.version);
    return answer;
  }),
  run: unary(run),
  cancel: unary(() => {
    for (const child of children) child.kill('SIGINT');
    return new emptyPb.Empty();
  }),
};
for (const name of Object.keys(services.LanguageRuntimeService)) {
  handlers[name] ??= unary(() => Promise.reject(new Error(`the stand-in has no ${name}`)));
}

const server = new grpc.Server();
server.addService(services.LanguageRuntimeService as never, handlers);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
const end = (): never => {
  for (const child of children) child.kill('SIGTERM');
  process.exit(0);
};
process.on('SIGINT', end).on('SIGTERM', end);
// The engine holds our stdin: when it ends, so do we.
process.stdin.on('end', end).on('error', end).resume();
