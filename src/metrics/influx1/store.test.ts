import { describeInfluxStore } from '../testing/influx-suite.ts';

describeInfluxStore(1);
