import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { ArungError } from '../../domain/errors.ts';
import type { RolloutDevice } from './rollout-record.ts';

/** Why a rollout waits, stops or is refused: errors, so that each has its name and its sentence in every language. */

/** A change of these devices could leave the controller without any way to the network. */
export function cutsController(names: readonly string[]): ArungError {
  return new ArungError(
    'conflict',
    `A change of ${some(names)} could cut the controller's own path to the network: give a reason to force it.`,
    { code: 'rollout.cuts-controller', arguments: { names: some(names), count: names.length } },
  );
}

export function waitsFor(number: number): ArungError {
  return new ArungError('conflict', `It waits for rollout ${number}, which could touch the same paths.`, {
    code: 'rollout.waits-for',
    arguments: { number },
  });
}

/** Planned work is not over these devices, or ends before they could go back. */
export function waitsForWork(waiting: readonly RolloutDevice[], seconds: number): ArungError {
  const names = some(waiting.map(({ deviceName }) => deviceName));
  return new ArungError(
    'conflict',
    `It waits for planned work over ${names} that lasts another ${seconds} s: a change may take as long to go back.`,
    { code: 'rollout.waits-for-work', arguments: { names, count: waiting.length, seconds } },
  );
}

export function failedAt(failed: readonly RolloutDevice[]): ArungError {
  const names = some(failed.map(({ deviceName }) => deviceName));
  return new ArungError(
    'conflict',
    `It stopped because ${names} did not take the change: no further device was touched.`,
    { code: 'rollout.failed-at', arguments: { names, count: failed.length } },
  );
}

export function incomplete(missing: readonly RolloutDevice[]): ArungError {
  const names = some(missing.map(({ deviceName }) => deviceName));
  return new ArungError(
    'conflict',
    `${missing.length === 1 ? '1 device did not answer and was left as it is' : `${missing.length} devices did not answer and were left as they are`}: ${names}. Start it again when they do.`,
    { code: 'rollout.incomplete', arguments: { names, count: missing.length } },
  );
}

/** Some devices have no new way: the others must keep the old one. */
export function partnerMissing(missing: readonly RolloutDevice[]): ArungError {
  const names = some(missing.map(({ deviceName }) => deviceName));
  return new ArungError(
    'conflict',
    `The new ways are there beside the old, and nothing was switched: ${names} did not answer. Start it again when they do.`,
    { code: 'rollout.partner-missing', arguments: { names, count: missing.length } },
  );
}

/** A changed device answers, and carries nothing to these any more. */
export function cutOff(names: readonly string[]): ArungError {
  return new ArungError(
    'conflict',
    `It took the change, and ${some(names)} behind it did not answer any more: it went back to what it was before.`,
    { code: 'rollout.cut-off', arguments: { names: some(names), count: names.length } },
  );
}

export function gateClosed(
  worse: {
    readonly devices: readonly string[];
    readonly services: readonly string[];
    readonly errors: readonly string[];
  },
  wave: number,
): ArungError {
  const dark = [...worse.devices, ...worse.services];
  if (dark.length === 0) {
    const names = some(worse.errors);
    return new ArungError(
      'conflict',
      `After wave ${wave} clearly more errors or discarded packets are counted on links than before: ${names}.`,
      { code: 'rollout.gate-errors', arguments: { wave, names, count: worse.errors.length } },
    );
  }
  const names = some([...dark, ...worse.errors]);
  const count = dark.length + worse.errors.length;
  return new ArungError('conflict', `After wave ${wave} the network is not as well as before: ${names}.`, {
    code: 'rollout.gate',
    arguments: { wave, names, count },
  });
}

export function pausedBy(by: string): ArungError {
  return new ArungError('conflict', `${by} has paused it.`, { code: 'rollout.pause-asked', arguments: { by } });
}

export function abortedBy(by: string): ArungError {
  return new ArungError('conflict', `${by} has aborted it.`, { code: 'rollout.abort-asked', arguments: { by } });
}

/** For who does not see all of its devices. */
export function elsewhere(): ArungError {
  return new ArungError('conflict', 'What holds it lies, or may lie, outside your regions.', {
    code: 'rollout.elsewhere',
  });
}

/** Of one device: nobody confirmed it, and it is as before. */
export function fired(): ArungError {
  return new ArungError('conflict', 'Nobody confirmed the change in time: the device went back by itself.', {
    code: 'rollout.fired',
  });
}

export function notInTime(): ArungError {
  return new ArungError('unavailable', 'The device did not answer over a new connection in time.', {
    code: 'rollout.not-in-time',
  });
}

export function notEqual(differences: readonly ConfigurationStep[]): ArungError {
  const names = differences.slice(0, 3).map(({ subject, name }) => `${subject} ${name}`);
  return new ArungError(
    'conflict',
    `Read back, the device is not what it should be: ${names.join(', ')}${differences.length > 3 ? ', …' : ''}.`,
    { code: 'rollout.not-equal', arguments: { count: differences.length, names: names.join(', ') } },
  );
}

/** It is where it was, and not where it is managed afterwards. */
export function notThere(address: string): ArungError {
  return new ArungError('unavailable', `The device does not answer at ${address}, where it shall be managed.`, {
    code: 'management.not-there',
    arguments: { address },
  });
}

export function addressTaken(name: string, address: string, holder: string): ArungError {
  return new ArungError('conflict', `${name} cannot be managed at ${address}: ${holder} is, by the inventory or by this rollout.`, {
    code: 'management.address-taken',
    arguments: { name, address, holder },
  }); // prettier-ignore
}

export function addressOutside(name: string, address: string): ArungError {
  return new ArungError('conflict', `${name} cannot be managed at ${address}: it lies outside the networks in which devices may be (ARUNG_DEVICE_NETWORKS).`, {
    code: 'management.address-outside',
    arguments: { name, address },
  }); // prettier-ignore
}

function some(names: readonly string[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
}
