import { isIP, isIPv4 } from 'node:net';
import { parseQuantity, type Quantity } from '../../base/quantity.ts';
import type { FieldError } from '../errors.ts';
import { labelSelectorFromObject } from '../selectors.ts';
import type { LabelSelector } from '../types/meta.v1.ts';
import { goIntOrString, invalid, invalidEach, nonNegative, NEGATIVE } from './field.ts';
import { percent, portName, portNumber } from './formats.ts';

/** Checks of values that stand in many kinds: pkg/apis/core/validation/validation.go. */

/** A port by number or name. */
export function portNumberOrName(port: number | string | undefined, at: string): FieldError[] {
  return typeof port === 'string' ? invalidEach(at, port, portName(port)) : invalidEach(at, port ?? 0, portNumber(port ?? 0));
}

/** The quantity, or undefined when the text is none. */
export function quantityOrUndefined(text: string | undefined): Quantity | undefined {
  if (text === undefined) return undefined;
  try {
    return parseQuantity(text);
  } catch {
    return undefined;
  }
}

const NOT_A_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** A quantity that reads, and is not below zero. */
export function nonNegativeQuantity(text: string, at: string): FieldError[] {
  const quantity = quantityOrUndefined(text);
  if (!quantity) return [invalid(at, text, NOT_A_QUANTITY)];
  return quantity.nanos < 0n ? [invalid(at, text, NEGATIVE)] : [];
}

/** A quantity above zero. */
export function positiveQuantity(text: string, at: string): FieldError[] {
  const quantity = quantityOrUndefined(text);
  if (!quantity) return [invalid(at, text, NOT_A_QUANTITY)];
  return quantity.nanos <= 0n ? [invalid(at, text, 'must be greater than zero')] : [];
}

const INTEGER_RESOURCES = new Set(['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers']);

/** Whether a resource is counted in whole pieces: objects, and what a node offers beside its own (`example.com/gpu`). */
function isIntegerResource(name: string): boolean {
  return INTEGER_RESOURCES.has(name) || isExtendedResource(name);
}

/** Resources that Kubernetes knows of itself have no domain, or its own. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.');
}

/** An amount of a resource: not below zero, and whole where pieces are counted. */
export function resourceAmount(name: string, text: string, at: string): FieldError[] {
  const errors = nonNegativeQuantity(text, at);
  const quantity = quantityOrUndefined(text);
  if (quantity && isIntegerResource(name) && quantity.nanos % 1_000_000_000n !== 0n) errors.push(invalid(at, text, 'must be an integer'));
  return errors;
}

/** A count or a percentage. */
export function countOrPercent(value: number | string | undefined, at: string): FieldError[] {
  return typeof value === 'string' ? invalidEach(at, goIntOrString(value), percent(value)) : nonNegative(at, value);
}

/** Its number: 3 for 3, 25 for '25%', 0 for what is neither. */
export function numberOf(value: number | string | undefined): number {
  if (typeof value !== 'string') return value ?? 0;
  return /^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) : 0;
}

export function atMost100Percent(value: number | string | undefined, at: string): FieldError[] {
  return typeof value === 'string' && numberOf(value) > 100 ? [invalid(at, goIntOrString(value), 'must not be greater than 100%')] : [];
}

/** As old Kubernetes read addresses: zeros may lead an octet. 0 when it is none. */
export function ipFamily(text: string): 0 | 4 | 6 {
  const plain = /^[\d.]+$/.test(text) ? text.replaceAll(/(^|\.)0+(?=\d)/g, '$1') : text;
  return text.includes('%') ? 0 : (isIP(plain) as 0 | 4 | 6);
}

export function ipAddress(text: string, at: string): FieldError[] {
  return ipFamily(text) === 0 ? [invalid(at, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')] : [];
}

export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = ipFamily(address);
  return rest.length === 0 && family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

export function cidr(text: string, at: string): FieldError[] {
  return isCidr(text) ? [] : [invalid(at, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

export const LOOPBACK_REFUSED = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';

/** Addresses that no endpoint may have: they would reach the node's own services. */
export function endpointAddress(text: string, at: string): FieldError[] {
  if (isIPv4(text)) {
    const [first = 0, second = 0, third = 0] = text.split('.').map(Number);
    if (text === '0.0.0.0') return [invalid(at, text, `may not be unspecified (${text})`)];
    if (first === 127) return [invalid(at, text, LOOPBACK_REFUSED)];
    if (first === 169 && second === 254) return [invalid(at, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
    if (first === 224 && second === 0 && third === 0) return [invalid(at, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')];
    return [];
  }
  const low = text.toLowerCase();
  if (low === '::') return [invalid(at, text, `may not be unspecified (${text})`)];
  if (low === '::1') return [invalid(at, text, LOOPBACK_REFUSED)];
  if (/^fe[89ab]/.test(low)) return [invalid(at, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  return low.startsWith('ff02') ? [invalid(at, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')] : [];
}

/** A path without steps up. */
export function noBacksteps(path: string, at: string): FieldError[] {
  return path.split('/').includes('..') ? [invalid(at, path, "must not contain '..'")] : [];
}

/** A relative path that stays below its start. */
export function descendingPath(path: string, at: string): FieldError[] {
  return [...(path.startsWith('/') ? [invalid(at, path, 'must be a relative path')] : []), ...noBacksteps(path, at)];
}

/** The same, and no name of its first part that the kubelet keeps for itself. */
export function localPath(path: string, at: string): FieldError[] {
  return [...descendingPath(path, at), ...(path.startsWith('..') && !path.startsWith('../') ? [invalid(at, path, "must not start with '..'")] : [])];
}

/** Whether a selector matches labels; a selector that does not read (which is complained of elsewhere) matches. */
export function selects(selector: LabelSelector | undefined, labels: Record<string, string> | undefined): boolean {
  try {
    return labelSelectorFromObject(selector)(labels);
  } catch {
    return true;
  }
}
