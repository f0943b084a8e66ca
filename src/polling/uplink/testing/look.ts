import { OwnUplink } from '../own-uplink.ts';

/** For tests: prints what the machine (or namespace) that runs it shows of its way to an address. */
const [address = '', neighbours = ''] = process.argv.slice(2);
const uplink = new OwnUplink({ neighbours: neighbours.split(',').filter((one) => one !== '') });
process.stdout.write(JSON.stringify(await uplink.look([address])));
process.exit(0);
