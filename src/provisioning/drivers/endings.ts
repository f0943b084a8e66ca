import { ArungError } from '../../domain/errors.ts';

/** How a change of a device can end, in the words of every driver. `address` is the device's, for a person. */

/** Ended by us, with the rollback armed. */
export function ended(address: string, code: 'apply.stopped' | 'apply.too-late'): ArungError {
  const what = code === 'apply.stopped' ? 'was stopped' : 'took longer than its rollback waits';
  return new ArungError('unavailable', `The change of ${address} ${what}: the device goes back by itself.`, {
    code,
    arguments: { address },
  });
}

/** The device did not come back after a change. */
export function lostOn(address: string, cause: unknown): ArungError {
  const text = `${address} did not come back after a change: the device goes back by itself.`;
  return new ArungError('unavailable', text, { code: 'apply.lost', arguments: { address }, cause });
}

export function notArmed(address: string): ArungError {
  return new ArungError(
    'conflict',
    `On ${address} no rollback of this run waits: it fired, or was never armed. Nothing is changed without one.`,
    { code: 'rollback.not-armed', arguments: { address } },
  );
}

export function fired(address: string): ArungError {
  return new ArungError(
    'conflict',
    `On ${address} no rollback of this run waits, and it is not what was applied: its rollback fired.`,
    { code: 'rollback.fired', arguments: { address } },
  );
}

export function otherRun(address: string, run: string): ArungError {
  return new ArungError(
    'conflict',
    `On ${address} the rollback of another run (${run}) waits. Let that run end, or revert it, then try again.`,
    { code: 'rollback.other-run', arguments: { address, run } },
  );
}

export function notKept(address: string): ArungError {
  return new ArungError('unavailable', `${address} did not keep its backup: look for room in its flash.`, {
    code: 'rollback.not-kept',
    arguments: { address },
  });
}

export function notLoaded(address: string): ArungError {
  return new ArungError('unavailable', `${address} did not load its backup when it was told to.`, {
    code: 'rollback.not-loaded',
    arguments: { address },
  });
}

/** What was refused: of a step, with what the device said, free of secrets. */
export type Refusal = Readonly<Record<'subject' | 'name' | 'fragment' | 'said', string>>;

export function leftArmed(address: string, what: string, told: Refusal): ArungError {
  return new ArungError('conflict', `${what} The device goes back by itself.`, {
    code: 'apply.left-armed',
    arguments: { address, ...told },
  });
}

/** Of a device without a rollback of its own: whoever goes on sets back what was changed. */
export function leftChanged(address: string, what: string, told: Refusal): ArungError {
  return new ArungError('conflict', `${what} It could not be set back yet: that is tried until the device answers.`, {
    code: 'apply.left-changed',
    arguments: { address, ...told },
  });
}

export function undone(address: string, what: string, told: Refusal): ArungError {
  return new ArungError('invalid', `${what} All is as it was before; its rollback is disarmed.`, {
    code: 'apply.undone',
    arguments: { address, ...told },
  });
}

/** Throws what `arm` must not be asked. */
export function checkArming(run: string, withinS: number): void {
  if (!/^[a-z0-9-]{1,40}$/.test(run)) throw new RangeError('A run is 1 to 40 of a-z, 0-9 and dash.');
  if (withinS < 20 || withinS > 3_600) throw new RangeError('A rollback waits 20 to 3,600 seconds.');
}
