import grpc from '@grpc/grpc-js';
import enginePb from '@pulumi/pulumi/proto/engine_pb.js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import pb from '@pulumi/pulumi/proto/provider_pb.js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import statusPb from '@pulumi/pulumi/proto/status_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import './quick-structs.ts';
import type { Properties } from './values.ts';

/**
 * The messages of the provider protocol, as @pulumi/pulumi ships them: CommonJS, generated. `pulumi.provider.main` of the
 * SDK would speak them for us, but hands over no configuration, no preview flag, no timeout and no cancellation.
 */
export { anyPb, engineServices, enginePb, grpc, pb, pluginPb, services, statusPb };

export type Struct = InstanceType<typeof structPb.Struct>;
export const empty = () => new emptyPb.Empty();

/** Properties as the wire has them; what is `undefined` is left out, since a Struct knows no such thing. */
export function structOf(properties: Properties): Struct {
  return structPb.Struct.fromJavaScript(properties);
}

export function propertiesOf(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}
