import { randomBytes, randomInt } from 'node:crypto';

/** Turns a good answer into what broken firmware and broken paths send: truncated, flipped, for another request, noise. */
export function garbled(answer: Buffer): Buffer {
  switch (randomInt(6)) {
    case 0:
      return randomBytes(randomInt(1, 400));
    case 1:
      return answer.subarray(0, randomInt(0, answer.length));
    case 2:
      return flipped(answer, randomInt(1, 8));
    case 3:
      return otherRequest(answer);
    case 4: // a length that promises more than there is
      return Buffer.concat([Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]), answer.subarray(4)]);
    default:
      return Buffer.concat([answer, randomBytes(randomInt(1, 64))]);
  }
}

function flipped(answer: Buffer, bits: number): Buffer {
  const copy = Buffer.from(answer);
  for (let i = 0; i < bits; i++) {
    const at = randomInt(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << randomInt(8));
  }
  return copy;
}

/** Our answers have fixed headers: version, community, then the PDU with the request id in front. */
function otherRequest(answer: Buffer): Buffer {
  const copy = Buffer.from(answer);
  const community = copy[8] ?? 0;
  const id = 9 + community + 4 + 2;
  if (id < copy.length) copy[id] = (copy[id] ?? 0) ^ 0x55;
  return copy;
}
