import { family } from '../family.ts';

const zyxel = '1.3.6.1.4.1.890.1';
const common = `${zyxel}.15.3`; // ZYXEL-ES-COMMON, of all newer switches

/** Zyxel: the common MIB, else the older one of each model, whose root is the sysObjectID. */
export const zynos = family({
  name: 'zyxel/switch',
  vendor: 'Zyxel',
  under: ['1.3.6.1.4.1.890'],
  model: [`${common}.1.11.0`, /^(\S+)/], // sysProductModel
  serial: [`${common}.1.12.0`, '~.1.10.0'], // sysProductSerialNumber, sysSerialNumber
  firmware: [`${common}.1.6.0`, `${zyxel}.15.3.1.1.0`], // sysSwVersionString
  cpu: [{ oid: `${common}.2.7.0` }, { oid: `${common}.2.4.0` }, { oid: '~.12.7.0' }], // sysMgmtCPUUsage, …, sysCPUUsage
  memory: [{ oid: `${common}.2.5.0` }], // sysMgmtMemUsage
  standard: ['entity', 'entity-sensors'],
});
