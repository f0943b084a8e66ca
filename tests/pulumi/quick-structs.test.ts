import { execFileSync } from 'node:child_process';
import pb from '@pulumi/pulumi/proto/provider_pb.js';
import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { describe, expect, it } from 'vitest';
import '../../pulumi/provider/quick-structs.ts';

const properties = {
  device: 'rtr-kahu-01',
  fragments: [{ key: 'lan', values: { address: '10.73.8.1/24' } }],
  order: 2,
};

/** A request as a process writes and reads it that has google-protobuf as it is. */
function elsewhere(bytes: Uint8Array): { readonly read: unknown; readonly bytes: Uint8Array } {
  const script = `
    const pb = require('@pulumi/pulumi/proto/provider_pb.js');
    const request = pb.CheckRequest.deserializeBinary(Buffer.from(process.argv[1], 'hex'));
    const struct = request.getNews().constructor;
    const answer = new pb.CheckResponse();
    answer.setInputs(struct.fromJavaScript(request.getNews().toJavaScript()));
    console.log(JSON.stringify({ urn: request.getUrn(), news: request.getNews().toJavaScript() }));
    console.log(Buffer.from(answer.serializeBinary()).toString('hex'));`;
  const out = execFileSync(process.execPath, ['-e', script, Buffer.from(bytes).toString('hex')], { encoding: 'utf8' });
  const [read = '', answer = ''] = out.split('\n');
  return { read: JSON.parse(read), bytes: Buffer.from(answer, 'hex') };
}

describe('messages with properties', () => {
  it('are the same to who has google-protobuf as it is, both ways', () => {
    const request = new pb.CheckRequest();
    request.setUrn('urn');
    request.setNews(structPb.Struct.fromJavaScript(properties));
    request.setOlds(structPb.Struct.fromJavaScript({}));
    const other = elsewhere(request.serializeBinary());
    expect(other.read).toEqual({ urn: 'urn', news: properties });
    const answer = pb.CheckResponse.deserializeBinary(other.bytes);
    expect(answer.getInputs()?.toJavaScript()).toEqual(properties);
    expect(Buffer.from(answer.serializeBinary())).toEqual(Buffer.from(other.bytes));
  });

  it('have their fields one by one for who asks so, and keep what is changed there', () => {
    const made = structPb.Struct.fromJavaScript(properties);
    const read = structPb.Struct.deserializeBinary(made.serializeBinary());
    for (const struct of [made, read]) {
      expect(struct.getFieldsMap().get('device')?.getStringValue()).toBe('rtr-kahu-01');
      struct.getFieldsMap().set('device', structPb.Value.fromJavaScript('lain'));
      expect(struct.toJavaScript()).toEqual({ ...properties, device: 'lain' });
      expect(structPb.Struct.deserializeBinary(struct.serializeBinary()).toJavaScript()).toEqual({
        ...properties,
        device: 'lain',
      });
    }
  });

  it('show nothing of their properties in a log line', () => {
    const answer = new pb.CheckResponse();
    answer.setInputs(structPb.Struct.fromJavaScript({ password: 'kenari' }));
    expect(String(answer)).not.toContain('kenari');
    expect(String(pb.CheckResponse.deserializeBinary(answer.serializeBinary()))).not.toContain('kenari');
  });
});
