import type {
  ComplianceRule,
  ComplianceSettings,
  ComplianceVerdict,
  ConfigurationFacts,
} from '../../domain/compliance.ts';
import { matchesLine } from './line-pattern.ts';

/** A device's configuration, as rules see it. */
export interface JudgedConfiguration {
  /** Null where no driver reads this kind. */
  readonly facts: ConfigurationFacts | null;
  /** The text without its secrets: a rule must not find out what one is. */
  readonly masked: string;
  readonly vendor: string;
  /** What the device says over SNMP; empty where it says nothing. */
  readonly firmware: string;
}

const mostFound = 3;
const longestFound = 200;
const unknown: ComplianceVerdict = { state: 'unknown', found: [] };
const guessed = new Set(['public', 'private']);

/** Whether a configuration is as a rule wants it; null where the rule is not about this device. */
export function judge(rule: ComplianceRule, configuration: JudgedConfiguration): ComplianceVerdict | null {
  const { facts, masked } = configuration;
  switch (rule.kind) {
    case 'line':
      return judgeLine(rule.settings, masked);
    case 'firmware':
      return judgeFirmware(rule.settings, configuration);
    case 'telnet':
      return wrongWhen(facts?.telnet ?? null, ['telnet']);
    case 'ntp':
      return facts?.ntp === undefined || facts.ntp === null
        ? unknown
        : { state: facts.ntp ? 'right' : 'wrong', found: [] };
    case 'snmp-community':
      return wrongAmong(facts?.snmpCommunities ?? null, (name) => guessed.has(name.toLowerCase()));
    case 'management-open':
      return wrongAmong(facts?.openManagement ?? null, () => true);
    case 'default-user':
      return wrongAmong(facts?.users ?? null, (name) => name === facts?.defaultUser);
    case 'logging':
      return judgeLogging(rule.settings, facts?.loggingTo ?? null);
  }
}

function wrongWhen(is: boolean | null, found: readonly string[]): ComplianceVerdict {
  if (is === null) return unknown;
  return is ? { state: 'wrong', found } : { state: 'right', found: [] };
}

function wrongAmong(names: readonly string[] | null, isWrong: (name: string) => boolean): ComplianceVerdict {
  if (names === null) return unknown;
  const found = names.filter(isWrong);
  return { state: found.length === 0 ? 'right' : 'wrong', found: found.slice(0, mostFound) };
}

function judgeLogging({ to }: ComplianceSettings, targets: readonly string[] | null): ComplianceVerdict {
  if (targets === null) return unknown;
  const isRight = to === undefined ? targets.length > 0 : targets.includes(to);
  return { state: isRight ? 'right' : 'wrong', found: targets.slice(0, mostFound) };
}

function judgeLine({ text = '', must = true }: ComplianceSettings, masked: string): ComplianceVerdict {
  const lines = masked.split('\n').filter((line) => matchesLine(text, line));
  const found = lines.slice(0, mostFound).map((line) => line.slice(0, longestFound));
  return { state: lines.length > 0 === must ? 'right' : 'wrong', found: must ? [] : found };
}

function judgeFirmware(
  { minimum, vendor }: ComplianceSettings,
  configuration: JudgedConfiguration,
): ComplianceVerdict | null {
  if (minimum === undefined) return null;
  if (vendor !== undefined && vendor.toLowerCase() !== configuration.vendor.toLowerCase()) return null;
  const said = configuration.facts?.firmware ?? configuration.firmware;
  const version = /\d+(\.\d+)*/.exec(said)?.[0];
  if (version === undefined) return unknown;
  return { state: isAtLeast(version, minimum) ? 'right' : 'wrong', found: [version] };
}

/** `7.9` is older than `7.15`; a release candidate counts as its release. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [a, b] = [version.split('.').map(Number), minimum.split('.').map(Number)];
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
