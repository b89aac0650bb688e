import type { FieldError } from '../../errors.ts';
import type { Endpoint, EndpointSlice } from '../../types/discovery.v1.ts';
import { duplicate, each, invalid, invalidEach, oneOf, required, tooMany } from '../../validation/field.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../../validation/formats.ts';
import { immutable } from '../../validation/immutable.ts';
import { validateLabels } from '../../validation/metadata.ts';
import { endpointAddress, ipAddress, ipFamily } from '../../validation/values.ts';

const MOST = { endpoints: 1000, addresses: 100, ports: 20_000, topology: 16 } as const;

/** Validation of endpoint slices: pkg/apis/discovery/validation/validation.go. */
export function validateSlice(slice: EndpointSlice): FieldError[] {
  const { addressType = '', endpoints = [], ports = [] } = slice;
  return [
    ...(addressType === '' ? [required('addressType')] : oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6'])),
    ...(ports.length > MOST.ports ? [tooMany('ports', ports.length, MOST.ports)] : validatePorts(slice)),
    ...(endpoints.length > MOST.endpoints ? [tooMany('endpoints', endpoints.length, MOST.endpoints)] : each(endpoints, 'endpoints', (endpoint, at) => validateEndpoint(endpoint, addressType, at))),
  ];
}

function validatePorts({ ports }: EndpointSlice): FieldError[] {
  const names = new Set<string>();
  return each(ports, 'ports', ({ name = '', protocol, appProtocol }, at) => {
    const errors = name === '' ? [] : invalidEach(`${at}.name`, name, dns1123Label(name));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    errors.push(...(protocol === undefined ? [required(`${at}.protocol`)] : oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])));
    return appProtocol === undefined ? errors : [...errors, ...invalidEach(`${at}.appProtocol`, appProtocol, qualifiedName(appProtocol))];
  });
}

function validateEndpoint(endpoint: Endpoint, type: string, at: string): FieldError[] {
  const { addresses = [], nodeName, hostname, deprecatedTopology } = endpoint;
  const topology = Object.keys(deprecatedTopology ?? {}).length;
  return [
    ...(addresses.length === 0 ? [required(`${at}.addresses`, 'must contain at least 1 address')] : []),
    ...(addresses.length > MOST.addresses ? [tooMany(`${at}.addresses`, addresses.length, MOST.addresses)] : []),
    ...each(addresses, `${at}.addresses`, (address, path) => validateAddress(address, type, path, `${at}.addresses`)),
    ...(nodeName === undefined ? [] : invalidEach(`${at}.nodeName`, nodeName, dns1123Subdomain(nodeName))),
    ...(topology > MOST.topology ? [tooMany(`${at}.deprecatedTopology`, topology, MOST.topology)] : []),
    ...validateLabels(deprecatedTopology, `${at}.deprecatedTopology`),
    ...(hostname === undefined ? [] : invalidEach(`${at}.hostname`, hostname, dns1123Label(hostname))),
  ];
}

function validateAddress(address: string, type: string, at: string, listAt: string): FieldError[] {
  if (type === 'FQDN') return invalidEach(at, address, dns1123Subdomain(address.replace(/\.$/, '')));
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const bad = ipAddress(address, at);
  if (bad.length > 0) return bad;
  const wrong = `IPv${ipFamily(address)}` === type ? [] : [invalid(listAt, address, `must be an ${type} address`)];
  return [...wrong, ...endpointAddress(address, at)];
}

export const sliceTypeStays = (next: EndpointSlice, old: EndpointSlice): FieldError[] => immutable(next.addressType, old.addressType, 'addressType');
