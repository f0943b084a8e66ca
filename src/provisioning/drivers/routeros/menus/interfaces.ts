import { menu } from '../menu.ts';

/** Interfaces and what joins them. help.mikrotik.com has a page for each menu, under its name. */
export const interfaceMenus = [
  menu('/interface', 'name:text default-name:text% disabled:bool comment:text mtu:number', {
    shape: 'fixed',
    keys: [['default-name'], ['name']],
  }),
  menu('/interface/ethernet', 'name:text default-name:text% disabled:bool comment:text mtu:number', {
    shape: 'fixed',
    keys: [['default-name'], ['name']],
  }),
  menu(
    '/interface/bridge',
    'name:text! disabled:bool=no vlan-filtering:bool^=no protocol-mode:text=rstp pvid:number=1 mtu:number',
  ),
  menu('/interface/vlan', 'name:text! disabled:bool=no interface:text! vlan-id:number=1 mtu:number=1500'),
  menu('/interface/wireguard', 'name:text! disabled:bool=no listen-port:number mtu:number=1420 private-key:text#'),
  menu(
    '/interface/wireguard/peers',
    `interface:text! public-key:text! disabled:bool=no name:text preshared-key:text#? allowed-address:prefixes=
     endpoint-address:text= endpoint-port:number=0 persistent-keepalive:time?`,
    { keys: [['interface', 'public-key']] },
  ),
  menu('/interface/list', 'name:text!'),
  menu('/interface/list/member', 'list:text! interface:text! disabled:bool=no', { keys: [['list', 'interface']] }),
  menu('/interface/bridge/vlan', 'bridge:text! vlan-ids:set! disabled:bool=no tagged:set= untagged:set=', {
    keys: [['bridge', 'vlan-ids']],
  }),
];

/** After the addresses: a port that joins a bridge takes along what stood on it. */
export const bridgePortMenus = [
  menu(
    '/interface/bridge/port',
    'interface:text! bridge:text! disabled:bool=no pvid:number=1 frame-types:text=admit-all',
    { keys: [['interface']] },
  ),
];
