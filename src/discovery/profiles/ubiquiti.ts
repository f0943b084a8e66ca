import { family } from '../family.ts';

const ubnt = '1.3.6.1.4.1.41112.1';
/** FROGFOOT-RESOURCES-MIB: memTotal and memFree, in kB. */
const frogfoot = '1.3.6.1.4.1.10002.1.1.1.1';
const frogfootMemory = { free: `${frogfoot}.2.0`, total: `${frogfoot}.1.0` } as const;
/** IEEE802dot11-MIB dot11manufacturerProductName, ProductVersion. */
const dot11 = '1.2.840.10036.3.1.2.1';

/** airMAX, airFiber, airFiber 60: they share the sysObjectID, and each has its own branch of UBNT-MIB. */
export const airos = family({
  name: 'ubiquiti/airos',
  vendor: 'Ubiquiti',
  under: ['1.3.6.1.4.1.10002', `${ubnt}.4`, `${ubnt}.3`, `${ubnt}.11`],
  model: [`${dot11}.3`, `${ubnt}.11.1.2.2`],
  firmware: [`${dot11}.4`, `${ubnt}.11.1.2.4`, `${ubnt}.3.2.1.40`],
  cpu: [{ oid: `${ubnt}.4.8.3.0`, scale: 0.01 }, { oid: `${ubnt}.11.1.2.6` }], // ubntHostCpuLoad, af60 CPU load
  memory: [frogfootMemory],
  sensors: [
    {
      oid: `${ubnt}.4.8.4.0`,
      key: 'temperature.board',
      label: 'Temperature board',
      unit: '°C',
      absent: [0],
      range: [-60, 150],
    }, // ubntHostTemperature
    {
      oid: `${ubnt}.4.8.4.0`, // some releases of airOS 8 answer in ten-millionths
      key: 'temperature.board',
      label: 'Temperature board',
      unit: '°C',
      scale: 1e-7,
      range: [1, 150],
    },
    { oid: `${ubnt}.4.5.1.5`, key: 'signal', label: 'Signal', unit: 'dBm', absent: [0], range: [-120, 0] }, // ubntWlStatSignal
    { oid: `${ubnt}.3.2.1.8`, key: 'temperature.radio0', label: 'Temperature radio 0', unit: '°C', absent: [0] }, // radio0TempC
    { oid: `${ubnt}.3.2.1.10`, key: 'temperature.radio1', label: 'Temperature radio 1', unit: '°C', absent: [0] }, // radio1TempC
    { oid: `${ubnt}.3.2.1.11`, key: 'signal.rx0', label: 'Signal chain 0', unit: 'dBm', absent: [0], range: [-120, 0] }, // rxPower0
    { oid: `${ubnt}.3.2.1.14`, key: 'signal.rx1', label: 'Signal chain 1', unit: 'dBm', absent: [0], range: [-120, 0] }, // rxPower1
  ],
});

export const unifi = family({
  name: 'ubiquiti/unifi',
  vendor: 'Ubiquiti',
  under: ['1.3.6.1.4.1.41112'],
  describes: /^(UAP|U6|U7|U-LTE|UBB|UXG|UDM|UCG|UniFi)\b/,
  probes: [`${ubnt}.6.3.3.0`],
  model: [`${ubnt}.6.3.3.0`, /^(\S+)/], // unifiApSystemModel
  firmware: [`${ubnt}.6.3.6.0`, /^\S+\s+(\d\S+)/], // unifiApSystemVersion
  memory: [frogfootMemory],
  standard: ['host-resources'],
});

export const edgeos = family({
  name: 'ubiquiti/edgeos',
  vendor: 'Ubiquiti',
  under: [`${ubnt}.5`],
  describes: /^EdgeOS\b/,
  firmware: [/^EdgeOS\s+v?(\S+)/],
  standard: ['host-resources', 'entity'],
});

/** EdgeSwitch and UniFi switches: FASTPATH of Broadcom. */
const fastpath = '1.3.6.1.4.1.4413.1.1';
export const edgeswitch = family({
  name: 'ubiquiti/edgeswitch',
  vendor: 'Ubiquiti',
  describes: /^(EdgeSwitch|US-\d|USW|USF|USL|USC8)/,
  model: [/^([^,]+),/],
  firmware: [/^[^,]+,\s*([^,\s]+)/],
  memory: [{ free: `${fastpath}.1.1.4.1.0`, total: `${fastpath}.1.1.4.2.0` }], // agentSwitchCpuProcessMemFree, Available
  sensors: [
    // boxServicesTempSensorTemperature of EdgeSwitch-BOXSERVICES-PRIVATE-MIB
    { oid: `${fastpath}.43.1.8.1.5`, key: 'temperature', label: 'Temperature', unit: '°C', absent: [0] },
  ],
  standard: ['entity'],
});
