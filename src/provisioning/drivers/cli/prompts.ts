import type { Dialect } from './dialect.ts';

/** A prompt of a device whose name is not known yet; its name is in the group `name`. */
const anyPrompt =
  /^(?:(?<name>[A-Za-z0-9][\w.@:/+-]{0,99})(?:\([\w/.: -]{1,60}\))?[>#]|<(?<angle>[^<>\s]{1,100})>|\[[~*]?(?<square>[^[\]\s]{1,100})\])$/;

/** A longer line is none. */
const longestPrompt = 400;

export interface FoundPrompt {
  readonly name: string;
  readonly style: Dialect['prompts'];
  /** `sw1>`: what may only look. */
  readonly isLimited: boolean;
  /** `[~sw1]`, `[*sw1]`: what is typed waits for a commit. */
  readonly isStaged: boolean;
}

/** Null where a line is no prompt of any device. */
export function promptIn(line: string): FoundPrompt | null {
  if (line.length > longestPrompt) return null;
  const text = line.trim();
  const { name, angle, square } = anyPrompt.exec(text)?.groups ?? {};
  if (name !== undefined) return { name, style: 'hash', isLimited: text.endsWith('>'), isStaged: false };
  const found = angle ?? square;
  return found === undefined ? null : { name: found, style: 'angle', isLimited: false, isStaged: /^\[[~*]/.test(text) };
}

/** Whether a line is the prompt of the device of this name, in any mode. */
export function isPromptOf(line: string, name: string, style: Dialect['prompts']): boolean {
  if (line.length > longestPrompt) return false;
  const text = line.trim();
  if (style === 'angle') {
    if (text === `<${name}>`) return true;
    const view = /^\[[~*]?(.*)\]$/.exec(text)?.[1];
    return view === name || view?.startsWith(`${name}-`) === true;
  }
  const [, shown = '', mode] = /^([^()\s]+?)(\([^()]{1,80}\))?[>#]$/.exec(text) ?? [];
  if (shown === name) return true;
  // In its modes IOS shows the first twenty characters of a long name, and sometimes fewer.
  return mode !== undefined && shown.length >= 8 && name.startsWith(shown);
}

/** The name that a device gets by a command; null where it keeps its own. */
export function renamedBy(line: string): string | null {
  return /^(?:hostname|sysname) "?([^\s"]{1,100})"?$/.exec(line.trim())?.[1] ?? null;
}
