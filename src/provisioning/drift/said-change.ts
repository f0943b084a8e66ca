/** What a message says of a change: who made it, as far as it tells. */
export interface SaidChange {
  readonly by: string | null;
}

interface Saying {
  readonly says: RegExp;
  /** By whole characters, also where a long name is cut. */
  readonly by: RegExp;
}

/** Of Huawei and H3C, which write `**` where nobody has signed in by name. */
const namedUser = /\bUser=(?!\*\*)([^,;\s]{1,64})/u;

/**
 * How makers say that somebody has configured a device:
 *
 * - RouterOS (help.mikrotik.com, "Log", topic `system,info`): `filter rule added by admin`; newer ones with the program and what it
 *   said (mktxp-stack, issue 33): `device changed by winbox-3.42/tcp-msg(winbox):admin@10.73.0.9 (/interface set …`.
 * - Cisco IOS and NX-OS (System Message Guide): `%SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.73.0.9)`, in a
 *   virtual switch `%SYS-SW1-5-CONFIG_I`; `%PARSER-5-CFGLOG_LOGGEDCMD: User:admin  logged command:…`.
 * - Huawei VRP (Log Reference): `%%01SHELL/5/CMDRECORD(s)[12]:Recorded command information. (…User=admin, …, Command="vlan 20")`.
 * - H3C Comware (Log Messages Reference): `%%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=…-User=admin; Command is vlan 20`,
 *   `%%10CFGMAN/5/CFGMAN_CFGCHANGED`.
 * - Junos (System Log Explorer): `UI_COMMIT_COMPLETED: commit complete`, `UI_COMMIT: User 'admin' requested 'commit'`.
 */
const sayings: readonly Saying[] = [
  { says: /%\w{2,16}(?:-SW\d{1,2})?-5-(?:\w{1,24}_)?CONFIG_I\b/, by: /\bby (\S{1,64}) on\b/u },
  { says: /%PARSER-5-CFGLOG_LOGGEDCMD\b/, by: /\bUser: ?(\S{1,64})/u },
  { says: /%%\d\dSHELL\/\d\/(?:CMDRECORD|SHELL_CMD)\b/, by: namedUser },
  { says: /%%\d\dCFGMAN\/\d\/CFGMAN_CFGCHANGED\b/, by: namedUser },
  { says: /\bUI_COMMIT(?:_COMPLETED)?\b/, by: /\bUser '([^']{1,64})'/u },
  // The last: a command that others record may have such words in it.
  {
    says: /\b(?:added|changed|removed|moved) by \S/,
    by: /\b(?:added|changed|removed|moved) by (?:[^\s@]{0,80}:)?([^\s@/:]{1,64})/u,
  },
];
/** Commands that record themselves, and change nothing. What a look of ours says is among them: one would call for the next. */
const onlyLooks =
  /Command(?:="| is )(?:display|dis|ping|tracert|quit|return|terminal|screen-length|screen-width|save)\b/;

/** What a message of a device says of a change of its configuration; null where it says none. */
export function saidChange(text: string): SaidChange | null {
  const saying = sayings.find(({ says }) => says.test(text));
  if (saying === undefined || onlyLooks.test(text)) return null;
  return { by: saying.by.exec(text)?.[1] ?? null };
}
