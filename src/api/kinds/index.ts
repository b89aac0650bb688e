import { coreKinds } from './core/index.ts';
import { appsKinds } from './apps/index.ts';
import { batchKinds } from './batch/index.ts';
import { autoscalingKinds } from './autoscaling/index.ts';
import { networkingKinds } from './networking/index.ts';
import { discoveryKinds } from './discovery/index.ts';
import { policyKinds } from './policy/index.ts';
import { rbacKinds } from './rbac/index.ts';
import { storageKinds } from './storage/index.ts';
import { schedulingKinds } from './scheduling/index.ts';
import { coordinationKinds } from './coordination/index.ts';
import { apiextensionsKinds } from './apiextensions/index.ts';
import { apiregistrationKinds } from './apiregistration/index.ts';
import { authenticationKinds } from './authentication/index.ts';
import { authorizationKinds } from './authorization/index.ts';
import { certificatesKinds } from './certificates/index.ts';
import { admissionregistrationKinds } from './admissionregistration/index.ts';
import { nodeKinds } from './node/index.ts';
import { flowcontrolKinds } from './flowcontrol/index.ts';
import { metricsKinds } from './metrics/index.ts';
import { coracleKinds } from './coracle/index.ts';
import type { Kind } from '../kind.ts';

/** Every built-in kind. To add one: its file, and its group's list. */
export const builtinKinds: readonly Kind[] = [
  ...coreKinds,
  ...appsKinds,
  ...batchKinds,
  ...autoscalingKinds,
  ...networkingKinds,
  ...discoveryKinds,
  ...policyKinds,
  ...rbacKinds,
  ...storageKinds,
  ...schedulingKinds,
  ...coordinationKinds,
  ...apiextensionsKinds,
  ...apiregistrationKinds,
  ...authenticationKinds,
  ...authorizationKinds,
  ...certificatesKinds,
  ...admissionregistrationKinds,
  ...nodeKinds,
  ...flowcontrolKinds,
  ...metricsKinds,
  ...coracleKinds,
];
