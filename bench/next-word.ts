import type { ChildProcess } from 'node:child_process';

/** What a process beside us says next. Rejects when it ends instead, having said why on standard error. */
export function nextWord(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      child.off('message', said);
      reject(new Error(`${child.spawnargs.join(' ')} ended (${code}) instead of saying a word: see above`));
    };
    const said = (word: unknown): void => {
      child.off('exit', ended);
      resolve(word);
    };
    child.once('message', said);
    child.once('exit', ended);
  });
}
