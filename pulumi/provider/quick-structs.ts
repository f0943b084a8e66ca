import type { BinaryReader, BinaryWriter } from 'google-protobuf';
import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { bytesOf, propertiesIn } from './struct-bytes.ts';
import type { Properties } from './values.ts';

/**
 * google-protobuf makes an object of every value of a Struct before it writes it, and another one when it reads it. Loaded
 * with this, in the provider as in a program, a Struct that is made of properties keeps them as they are, and one that was
 * read keeps its bytes; its fields are made when somebody asks for them one by one, which nobody in Pulumi's SDK does.
 */
type Struct = InstanceType<typeof structPb.Struct>;
type Fields = ReturnType<Struct['getFieldsMap']>;
type Held = { readonly properties: Properties } | { readonly bytes: Uint8Array };

const { Struct } = structPb;
const held = new WeakMap<Struct, Held>();
const { fromJavaScript, serializeBinaryToWriter } = Struct;
const { toJavaScript } = Struct.prototype;
const getFieldsMap = Struct.prototype.getFieldsMap as (this: Struct, isNotMade?: boolean) => Fields;

Struct.fromJavaScript = (properties) => {
  const struct = new Struct();
  held.set(struct, { properties: properties as Properties });
  return struct;
};

Struct.prototype.toJavaScript = function properties(this: Struct) {
  const own = held.get(this);
  if (own === undefined) return toJavaScript.call(this);
  return 'bytes' in own ? propertiesIn(own.bytes) : own.properties;
};

Struct.deserializeBinaryFromReader = (struct: Struct, reader: BinaryReader) => {
  const from = reader.getCursor();
  while (reader.nextField() && !reader.isEndGroup()) reader.skipField();
  held.set(struct, { bytes: reader.getBuffer().subarray(from, reader.getCursor()) });
  return struct;
};

Struct.serializeBinaryToWriter = (struct: Struct, writer: BinaryWriter) => {
  const own = held.get(struct);
  if (own === undefined) return serializeBinaryToWriter(struct, writer);
  const bytes = 'bytes' in own ? own.bytes : bytesOf(own.properties);
  writer.writeSerializedMessage(bytes, 0, bytes.length);
};

Struct.prototype.getFieldsMap = function fields(this: Struct, isNotMade?: boolean) {
  const own = held.get(this);
  const map = getFieldsMap.call(this, isNotMade);
  if (own === undefined) return map;
  held.delete(this);
  const made = fromJavaScript('bytes' in own ? propertiesIn(own.bytes) : own.properties);
  const all = getFieldsMap.call(this);
  made.getFieldsMap().forEach((value, name) => all.set(name, value));
  return all;
};
