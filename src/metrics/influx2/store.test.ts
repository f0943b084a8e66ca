import { describeInfluxStore } from '../testing/influx.ts';

describeInfluxStore(2);
