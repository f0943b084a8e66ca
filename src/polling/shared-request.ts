import { createHash } from 'node:crypto';
import { Shared } from './shared.ts';
import type { MessageForm, RequestPacket } from './snmp/request.ts';

const sharedRequests = new Shared<RequestPacket>();

/** One request for all devices that are asked alike: of what a poll or a probe goes through it is always near. */
export function sharedRequest(form: MessageForm, request: RequestPacket): RequestPacket {
  if (!form.sharesPackets) return request;
  const { bytes, expected } = request;
  // A digest, since what every device has of its own would be kept twice.
  const key = createHash('sha256').update(bytes).update(expected.lengths).update(expected.bytes);
  return sharedRequests.get(key.digest('base64'), () => request);
}
