import { menu } from '../menu.ts';

/** Identity, time, logs, scripts. help.mikrotik.com has a page for each menu, under its name. */
export const systemMenus = [
  menu('/system/identity', 'name:text', { shape: 'single' }),
  menu('/system/note', 'note:text show-at-login:bool', { shape: 'single' }),
  menu('/system/logging/action', 'name:text! target:text=memory remote:text? remote-port:number bsd-syslog:bool', {
    noComment: true,
  }),
  menu('/system/logging', 'topics:set=info action:text=memory disabled:bool=no prefix:text=', {
    keys: [['topics', 'action', 'prefix']],
  }),
  menu('/system/script', 'name:text! source:text= policy:policy dont-require-permissions:bool=no'),
  menu(
    '/system/scheduler',
    'name:text! disabled:bool=no start-date:text start-time:text interval:time=0s on-event:text= policy:policy',
  ),
];

/** A clock that is set moves whatever waits for a time of day, Arung's own rollback first of all. */
export const clockMenus = [
  menu('/system/clock', 'time-zone-autodetect:bool time-zone-name:text', { shape: 'single' }),
  menu('/system/ntp/client', 'enabled:bool mode:text servers:text', { shape: 'single' }),
];

/** Who may come in, and how: last, so that the way in stays as it was until all else is there. */
export const accessMenus = [
  menu('/snmp', 'enabled:bool contact:text location:text trap-target:text trap-community:text# trap-version:text', {
    shape: 'single',
  }),
  menu(
    '/snmp/community',
    `name:text!# disabled:bool=no addresses:prefixes=::/0 security:text=none read-access:bool=yes write-access:bool=no
     authentication-protocol:text=MD5 authentication-password:text#= encryption-protocol:text=DES
     encryption-password:text#=`,
  ),
  menu('/user/group', 'name:text! policy:policy='),
  menu('/user', 'name:text! group:text! disabled:bool=no password:text~ address:prefixes='),
  menu('/user/ssh-keys', 'user:text! key:text!', { noComment: true, keys: [['user', 'key']] }),
  menu('/ip/service', 'name:text% port:number disabled:bool address:prefixes certificate:text', { shape: 'fixed' }),
];
