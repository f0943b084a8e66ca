import { ArungError } from '../../domain/errors.ts';
import type { Said } from '../../domain/rollout.ts';
import { saidOf } from '../rollouts/said.ts';
import type { Missing } from './program-folder.ts';
import type { TextCleaner } from './program-text.ts';

/** Every reason for which a program is not run, or did not end well, as a sentence with its name. */

export function notWhole(): ArungError {
  return new ArungError(
    'forbidden',
    'A program may change the whole network: it is for who has the right to configure all of it, and to look on is for who may see all of it.',
    { code: 'program.whole-network' },
  );
}

export function notReady(missing: Missing): ArungError {
  return new ArungError(
    'conflict',
    'Programs cannot be run from here yet: GET /api/v1/programs says what is missing.',
    { code: 'program.not-ready', arguments: { missing } },
  );
}

export function noStack(stack: string): ArungError {
  return new ArungError('not-found', `The program has no stack ${stack}: there is no Pulumi.${stack}.yaml in its folder.`, {
    code: 'program.no-stack',
    arguments: { stack },
  }); // prettier-ignore
}

export function noRun(key: string): ArungError {
  return new ArungError('not-found', `There is no run ${key} of a program.`, {
    code: 'program.no-run',
    arguments: { key },
  });
}

export function noPassphrase(stack: string): ArungError {
  return new ArungError(
    'conflict',
    `The passphrase that opens the secrets of the stack ${stack} is not known: an administrator enters it once, or ARUNG_PULUMI_PASSPHRASE_FILE names a file that holds it.`,
    { code: 'program.no-passphrase', arguments: { stack } },
  );
}

export function underWay(stack: string, number: number): ArungError {
  return new ArungError('conflict', `Run ${number} of the stack ${stack} goes on: wait for its end, or cancel it.`, {
    code: 'program.under-way',
    arguments: { stack, number },
  });
}

export function notUnderWay(number: number): ArungError {
  return new ArungError('conflict', `Run ${number} is over: there is nothing to cancel.`, {
    code: 'program.over',
    arguments: { number },
  });
}

export function stillEnding(number: number, seconds: number): ArungError {
  return new ArungError(
    'conflict',
    `Run ${number} was told to end and is ending cleanly: it can be killed in ${seconds} s.`,
    { code: 'program.ending', arguments: { number, seconds }, retryAfterS: seconds },
  );
}

export function notPreviewed(stack: string): ArungError {
  return new ArungError(
    'conflict',
    `What would change in the stack ${stack} was not previewed just before: start a preview, and look at it.`,
    { code: 'program.not-previewed', arguments: { stack } },
  );
}

export function previewTooOld(number: number): ArungError {
  return new ArungError('conflict', `Preview ${number} is older than an hour: start another one.`, {
    code: 'program.preview-too-old',
    arguments: { number },
  });
}

export function changedSincePreview(number: number): ArungError {
  return new ArungError(
    'conflict',
    `The program, its configuration or its state is not what preview ${number} was made of: start another one.`,
    { code: 'program.changed-since-preview', arguments: { number } },
  );
}

export function changedDuringPreview(): Said {
  return saidOf(
    new ArungError('conflict', 'The program was changed while it was previewed: start another preview.', {
      code: 'program.changed-during-preview',
    }),
  );
}

export function brokenOff(): Said {
  return saidOf(
    new ArungError('unavailable', 'Arung itself ended in the middle of it. The next run goes on from there.', {
      code: 'program.broken-off',
    }),
  );
}

export function tookTooLong(hours: number): Said {
  return saidOf(
    new ArungError('unavailable', `It went on for ${hours} hours and was ended.`, {
      code: 'program.too-long',
      arguments: { hours },
    }),
  );
}

export function rightsGone(name: string): Said {
  return saidOf(
    new ArungError('forbidden', `${name}, who started it, may no longer configure the whole network.`, {
      code: 'program.rights-gone',
      arguments: { name },
    }),
  );
}

export function diedAlone(): Said {
  return saidOf(
    new ArungError('unavailable', 'Its process ended without a word, as one does that is out of memory: the log may say more.', {
      code: 'program.died',
    }), // prettier-ignore
  );
}

export function wrongPassphrase(stack: string): ArungError {
  return new ArungError('conflict', `The passphrase of the stack ${stack} is not the one it was made with.`, {
    code: 'program.wrong-passphrase',
    arguments: { stack },
  });
}

/** @param archive what holds it, as its makers name it: `pulumi-v3.265.0-linux-x64.tar.gz`. */
export function notLoaded({ reason, archive }: { readonly reason: string; readonly archive: string }): Said {
  return saidOf(
    new ArungError(
      'unavailable',
      `Pulumi itself is not on this computer yet, and could not be loaded from get.pulumi.com (${reason}): let the computer reach it once, or unpack ${archive} and name its folder in ARUNG_PULUMI_BIN.`,
      { code: 'program.not-loaded', arguments: { reason, archive } },
    ),
  );
}

const mostOfReason = 600;

/** What the Automation API threw, as a reason that helps. */
export function failureOf(
  { name, message }: { readonly name: string; readonly message: string },
  { stack, clean }: { readonly stack: string; readonly clean: TextCleaner },
): Said {
  if (name === 'ConcurrentUpdateError') {
    return saidOf(
      new ArungError(
        'conflict',
        `The stack ${stack} is locked: somebody runs Pulumi on it just now, or a run that was killed has left its lock. Then \`pulumi cancel --yes\` takes it away.`,
        { code: 'program.locked', arguments: { stack } },
      ),
    );
  }
  if (name === 'StackNotFoundError') {
    return saidOf(
      new ArungError('conflict', `The stack ${stack} was never made: a preview makes it.`, {
        code: 'program.stack-not-made',
        arguments: { stack },
      }),
    );
  }
  if (/incorrect passphrase/i.test(message)) {
    return saidOf(wrongPassphrase(stack));
  }
  const errors = clean(message, message.length)
    .split('\n')
    .flatMap((line) => /^\s*error:\s*(.+)$/.exec(line)?.[1] ?? []);
  const reason = clean((errors.length > 0 ? errors : [clean(message, message.length).trim()]).join(' '), mostOfReason);
  return saidOf(
    new ArungError('unavailable', `Pulumi ended with an error: ${reason}`, {
      code: 'program.failed',
      arguments: { reason },
    }),
  );
}
