import type { Component } from '../client/controller.ts';
import type { ResourceType } from '../api/object.ts';
import { certificateRequestCleaner } from '../controllers/certificates/cleaner.ts';
import { certificateSigningController, type CertificateSigner } from '../controllers/certificates/controller.ts';
import { cronJobController } from '../controllers/cronjob/controller.ts';
import { daemonSetController } from '../controllers/daemonset/controller.ts';
import { deploymentController } from '../controllers/deployment/controller.ts';
import { disruptionController } from '../controllers/disruption/controller.ts';
import { staleDisruptionController } from '../controllers/disruption/stale.ts';
import { endpointsController } from '../controllers/endpoints/controller.ts';
import { endpointSliceController } from '../controllers/endpointslice/controller.ts';
import { endpointSliceMirroringController } from '../controllers/endpointslicemirroring/controller.ts';
import type { ControllerContext } from '../controllers/context.ts';
import { ephemeralVolumeController } from '../controllers/ephemeralvolume/controller.ts';
import { flowSchemaController } from '../controllers/flowschema/controller.ts';
import { garbageCollector } from '../controllers/garbagecollector/controller.ts';
import type { Autoscaler } from '../controllers/horizontalpodautoscaler/controller.ts';
import { ipAddressController } from '../controllers/ipaddresses/controller.ts';
import { jobController } from '../controllers/job/controller.ts';
import { ttlAfterFinishedController } from '../controllers/job/ttl.ts';
import { namespaceController } from '../controllers/namespace/controller.ts';
import { nodeLifecycleController } from '../controllers/nodelifecycle/controller.ts';
import { persistentVolumeController } from '../controllers/persistentvolume/controller.ts';
import type { Provisioner } from '../controllers/persistentvolume/provision.ts';
import { podGarbageCollector } from '../controllers/podgc/controller.ts';
import { replicaSetController } from '../controllers/replicaset/controller.ts';
import { replicationControllerController } from '../controllers/replicationcontroller/controller.ts';
import { resourceQuotaController } from '../controllers/resourcequota/controller.ts';
import { serviceCidrController } from '../controllers/servicecidrs/controller.ts';
import { namespaceDefaultsController } from '../controllers/serviceaccount/controller.ts';
import { statefulSetController } from '../controllers/statefulset/controller.ts';
import { serviceAccountTokenController } from '../controllers/tokens/controller.ts';
import { claimProtectionController } from '../controllers/volumeprotection/claims.ts';
import { volumeProtectionController } from '../controllers/volumeprotection/volumes.ts';

export interface ControllersOptions {
  readonly context: ControllerContext;
  /** Every resource that can be listed, watched and deleted, custom ones included. */
  readonly resources: () => Promise<readonly ResourceType[]>;
  readonly caCertificate: string;
  readonly signer: CertificateSigner;
  readonly provisioner: Provisioner;
  readonly autoscaler: Autoscaler;
}

/** Everything that kube-controller-manager is. */
export function allControllers({ context, resources, caCertificate, signer, provisioner, autoscaler }: ControllersOptions): Component[] {
  return [
    namespaceDefaultsController(context, caCertificate),
    serviceAccountTokenController(context, caCertificate),
    certificateSigningController(context, signer),
    certificateRequestCleaner(context),
    namespaceController(context, resources),
    deploymentController(context),
    replicaSetController(context),
    replicationControllerController(context),
    statefulSetController(context),
    daemonSetController(context),
    jobController(context),
    ttlAfterFinishedController(context),
    cronJobController(context),
    autoscaler,
    endpointSliceController(context),
    endpointsController(context),
    endpointSliceMirroringController(context),
    serviceCidrController(context),
    ipAddressController(context),
    flowSchemaController(context),
    garbageCollector(context, resources),
    resourceQuotaController(context, resources),
    disruptionController(context),
    staleDisruptionController(context),
    nodeLifecycleController(context),
    podGarbageCollector(context),
    persistentVolumeController(context, provisioner),
    claimProtectionController(context),
    volumeProtectionController(context),
    ephemeralVolumeController(context),
  ];
}
