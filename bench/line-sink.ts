import { createSocket } from 'node:dgram';

/** Where `snmp-poll` sends its lines: a process of its own that reads them and throws them away. Tells its port. */
const socket = createSocket('udp4');
socket.on('message', () => undefined);
socket.bind(0, '127.0.0.1', () => process.send?.(socket.address().port));
process.on('disconnect', () => process.exit(0));
