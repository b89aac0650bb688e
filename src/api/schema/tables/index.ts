import coreV1Misc from './core.v1.misc.ts';
import coreV1Node from './core.v1.node.ts';
import coreV1Podstatus from './core.v1.podstatus.ts';
import coreV1Pod from './core.v1.pod.ts';
import coreV1Volumes from './core.v1.volumes.ts';
import coreV1Service from './core.v1.service.ts';
import metaV1 from './meta.v1.ts';
import appsV1 from './apps.v1.ts';
import appsV1beta1 from './apps.v1beta1.ts';
import appsV1beta2 from './apps.v1beta2.ts';
import extensionsV1beta1 from './extensions.v1beta1.ts';
import batchV1 from './batch.v1.ts';
import batchV1beta1 from './batch.v1beta1.ts';
import autoscalingV1 from './autoscaling.v1.ts';
import autoscalingV2 from './autoscaling.v2.ts';
import autoscalingV2beta1 from './autoscaling.v2beta1.ts';
import autoscalingV2beta2 from './autoscaling.v2beta2.ts';
import networkingV1 from './networking.v1.ts';
import networkingV1beta1 from './networking.v1beta1.ts';
import discoveryV1 from './discovery.v1.ts';
import discoveryV1beta1 from './discovery.v1beta1.ts';
import policyV1 from './policy.v1.ts';
import policyV1beta1 from './policy.v1beta1.ts';
import rbacV1 from './rbac.v1.ts';
import rbacV1beta1 from './rbac.v1beta1.ts';
import storageV1 from './storage.v1.ts';
import schedulingV1 from './scheduling.v1.ts';
import coordinationV1 from './coordination.v1.ts';
import eventsV1 from './events.v1.ts';
import apiextensionsV1 from './apiextensions.v1.ts';
import apiregistrationV1 from './apiregistration.v1.ts';
import apiregistrationV1beta1 from './apiregistration.v1beta1.ts';
import authenticationV1 from './authentication.v1.ts';
import authorizationV1 from './authorization.v1.ts';
import certificatesV1 from './certificates.v1.ts';
import admissionregistrationV1 from './admissionregistration.v1.ts';
import nodeV1 from './node.v1.ts';
import flowcontrolV1 from './flowcontrol.v1.ts';
import metricsV1beta1 from './metrics.v1beta1.ts';
import custommetricsV1beta2 from './custommetrics.v1beta2.ts';
import custommetricsV1beta1 from './custommetrics.v1beta1.ts';
import externalmetricsV1beta1 from './externalmetrics.v1beta1.ts';
import coracleV1 from './coracle.v1.ts';

/** Every table of the built-in API. */
export const tables = [
  coreV1Misc,
  coreV1Node,
  coreV1Podstatus,
  coreV1Pod,
  coreV1Volumes,
  coreV1Service,
  metaV1,
  appsV1,
  appsV1beta1,
  appsV1beta2,
  extensionsV1beta1,
  batchV1,
  batchV1beta1,
  autoscalingV1,
  autoscalingV2,
  autoscalingV2beta1,
  autoscalingV2beta2,
  networkingV1,
  networkingV1beta1,
  discoveryV1,
  discoveryV1beta1,
  policyV1,
  policyV1beta1,
  rbacV1,
  rbacV1beta1,
  storageV1,
  schedulingV1,
  coordinationV1,
  eventsV1,
  apiextensionsV1,
  apiregistrationV1,
  apiregistrationV1beta1,
  authenticationV1,
  authorizationV1,
  certificatesV1,
  admissionregistrationV1,
  nodeV1,
  flowcontrolV1,
  metricsV1beta1,
  custommetricsV1beta2,
  custommetricsV1beta1,
  externalmetricsV1beta1,
  coracleV1,
];
