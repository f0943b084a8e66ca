import { family } from '../family.ts';

const dlink = '1.3.6.1.4.1.171';
const extended = `${dlink}.14.5.1`; // DLINKSW-ENTITY-EXT-MIB

/** D-Link: AGENT-GENERAL-MIB and EQUIPMENT-MIB of DES/DGS, DLINKSW-ENTITY-EXT-MIB of the newer ones. */
export const dlinkSwitch = family({
  name: 'd-link/switch',
  vendor: 'D-Link',
  under: [dlink],
  model: [/^(?:D-Link\s+)?((?:DES|DGS|DXS|DIS|DWS|DAP)-?\S+)/i, /^(\S+)/],
  serial: [`${dlink}.12.1.1.12.0`, `${dlink}.12.11.1.9.4.1.17`], // agentSerialNumber, swUnitMgmtSerialNumber
  firmware: [`${dlink}.12.11.1.9.4.1.11`, /(?:firmware|version|Runtime Code)[: ]+(\S+)/i], // swUnitMgmtFirmwareVersion
  // agentCPUutilizationIn1min, In5sec, dEntityExtCpuUtilOneMinute
  cpu: [{ oid: `${dlink}.12.1.1.6.2.0` }, { oid: `${dlink}.12.1.1.6.1.0` }, { oid: `${extended}.7.1.4` }],
  memory: [
    { oid: `${dlink}.12.1.1.9.1.4` }, // agentDRAMutilization
    { used: `${extended}.4.1.4`, total: `${extended}.4.1.3` }, // dEntityExtMemUtilUsed, Total
  ],
  sensors: [
    // swTemperatureCurrent, dEntityExtEnvTempCurrent
    { oid: `${dlink}.12.11.1.8.1.2`, key: 'temperature.unit', label: 'Temperature unit', unit: '°C', absent: [0] },
    {
      oid: `${extended}.1.1.1.4`,
      names: `${extended}.1.1.1.3`,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      absent: [0],
    },
  ],
  standard: ['entity'],
});
