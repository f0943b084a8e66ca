import type { Dialect } from '../dialect.ts';
import { ciscoBusiness } from './cisco-business.ts';
import { ciscoIos } from './cisco-ios.ts';
import { dLink } from './d-link.ts';
import { generic } from './generic.ts';
import { h3cComware } from './h3c-comware.ts';
import { huaweiVrp } from './huawei-vrp.ts';
import { tpLink } from './tp-link.ts';

/** The first that recognises a device is its dialect; the last takes every one. */
export const dialects: readonly Dialect[] = [huaweiVrp, h3cComware, ciscoIos, ciscoBusiness, tpLink, dLink, generic];
