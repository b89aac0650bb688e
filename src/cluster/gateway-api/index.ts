import type { CustomResourceColumnDefinition, CustomResourceDefinition } from '../../api/types/apiextensions.v1.ts';
import { gateway, gatewayClass, referenceGrant } from './gateway.ts';
import { grpcRoute } from './grpc-route.ts';
import { httpRoute } from './http-route.ts';
import { GROUP, type Schema } from './schema.ts';

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: string[];
  readonly namespaced: boolean;
}

/** The Gateway API's definitions, as its v1.2 standard channel has them: fields, defaults and columns; rules in CEL are left to the controller. Fields of the experimental channel are there where they act; others are refused as unknown rather than ignored. */
export const gatewayDefinitions: readonly CustomResourceDefinition[] = [
  define({ kind: 'GatewayClass', plural: 'gatewayclasses', singular: 'gatewayclass', shortNames: ['gc'], namespaced: false }, gatewayClass, ['v1', 'v1beta1'], [
    column('Controller', '.spec.controllerName'), column('Accepted', '.status.conditions[?(@.type=="Accepted")].status'), column('Age', '.metadata.creationTimestamp', 'date'), { ...column('Description', '.spec.description'), priority: 1 },
  ]),
  define({ kind: 'Gateway', plural: 'gateways', singular: 'gateway', shortNames: ['gtw'], namespaced: true }, gateway, ['v1', 'v1beta1'], [
    column('Class', '.spec.gatewayClassName'), column('Address', '.status.addresses[*].value'), column('Programmed', '.status.conditions[?(@.type=="Programmed")].status'), column('Age', '.metadata.creationTimestamp', 'date'),
  ]),
  define({ kind: 'HTTPRoute', plural: 'httproutes', singular: 'httproute', namespaced: true }, httpRoute, ['v1', 'v1beta1'], [
    column('Hostnames', '.spec.hostnames'), column('Age', '.metadata.creationTimestamp', 'date'),
  ]),
  define({ kind: 'GRPCRoute', plural: 'grpcroutes', singular: 'grpcroute', namespaced: true }, grpcRoute, ['v1'], [
    column('Hostnames', '.spec.hostnames'), column('Age', '.metadata.creationTimestamp', 'date'),
  ]),
  define({ kind: 'ReferenceGrant', plural: 'referencegrants', singular: 'referencegrant', shortNames: ['refgrant'], namespaced: true }, referenceGrant, ['v1beta1'], [column('Age', '.metadata.creationTimestamp', 'date')]),
];

function column(name: string, jsonPath: string, type = 'string'): CustomResourceColumnDefinition {
  return { name, type, jsonPath };
}

function define({ namespaced, ...names }: Names, schema: Schema, [stored, ...others]: readonly string[], additionalPrinterColumns: CustomResourceColumnDefinition[]): CustomResourceDefinition {
  const hasStatus = schema.properties?.['status'] !== undefined;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${names.plural}.${GROUP}`,
      labels: { 'app.kubernetes.io/managed-by': 'coracle' },
      annotations: {
        'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/3328', 'gateway.networking.k8s.io/bundle-version': 'v1.2.1', 'gateway.networking.k8s.io/channel': 'standard',
      },
    },
    spec: {
      group: GROUP,
      names: { ...names, listKind: `${names.kind}List`, categories: ['gateway-api'] },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: [stored!, ...others].map((name) => ({
        name, served: true, storage: name === stored, schema: { openAPIV3Schema: schema }, additionalPrinterColumns, ...(hasStatus && { subresources: { status: {} } }),
      })),
    },
  };
}
