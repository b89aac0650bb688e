import type { FieldError } from '../../errors.ts';
import ipaddr from 'ipaddr.js';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../types/networking.v1.ts';
import { each, forbidden, invalid, invalidEach, oneOf, required } from '../../validation/field.ts';
import { portName, portNumber } from '../../validation/formats.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';
import { cidr, isCidr } from '../../validation/values.ts';

/** Validation of network policies: pkg/apis/networking/validation/validation.go. */
export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const { podSelector, ingress, egress, policyTypes = [] } = spec;
  return [
    ...validateLabelSelector(podSelector, 'spec.podSelector'),
    ...each(ingress, 'spec.ingress', (rule, at) => [...each(rule.ports, `${at}.ports`, validatePort), ...each(rule.from, `${at}.from`, validatePeer)]),
    ...each(egress, 'spec.egress', (rule, at) => [...each(rule.ports, `${at}.ports`, validatePort), ...each(rule.to, `${at}.to`, validatePeer)]),
    ...(policyTypes.length > 2 ? [invalid('spec.policyTypes', policyTypes, 'may not specify more than two policyTypes')] : each(policyTypes, 'spec.policyTypes', (type, at) => oneOf(at, type, ['Ingress', 'Egress']))),
  ];
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, at: string): FieldError[] {
  const errors = protocol === undefined ? [] : oneOf(`${at}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']);
  if (port === undefined) return endPort === undefined ? errors : [...errors, invalid(`${at}.endPort`, endPort, 'may not be specified when `port` is not specified')];
  if (typeof port === 'string') {
    if (endPort !== undefined) errors.push(invalid(`${at}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    return [...errors, ...invalidEach(`${at}.port`, port, portName(port))];
  }
  errors.push(...invalidEach(`${at}.port`, port, portNumber(port)));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(`${at}.endPort`, port, 'must be greater than or equal to `port`'));
  return [...errors, ...invalidEach(`${at}.endPort`, endPort, portNumber(endPort))];
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, at: string): FieldError[] {
  if (!podSelector && !namespaceSelector && !ipBlock) return [required(at, 'must specify a peer')];
  return [
    ...validateLabelSelector(podSelector, `${at}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${at}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${at}.ipBlock`) : []),
    ...(ipBlock && (podSelector || namespaceSelector) ? [forbidden(at, 'may not specify both ipBlock and another peer')] : []),
  ];
}

function validateBlock(block: IPBlock, at: string): FieldError[] {
  if (!block.cidr) return [required(`${at}.cidr`)];
  const errors = cidr(block.cidr, `${at}.cidr`);
  if (errors.length > 0) return errors;
  return each(block.except, `${at}.except`, (except, path) => {
    if (!isCidr(except)) return cidr(except, path);
    return isStrictSubset(except, block.cidr) ? [] : [invalid(path, except, 'must be a strict subset of `cidr`')];
  });
}

function isStrictSubset(inner: string, outer: string): boolean {
  const [address = '', bits = '0'] = inner.split('/');
  const range = ipaddr.parseCIDR(outer);
  const inside = ipaddr.parse(address);
  return inside.kind() === range[0].kind() && Number(bits) > range[1] && inside.match(range);
}
