import { isIPv4, isIPv6 } from 'node:net';
import { canonicalTime } from './time.ts';
import { parseDuration } from '../../base/duration.ts';

const isTime = (text: string) => succeeds(() => canonicalTime(text));
const isIp = (text: string) => isIPv4(text) || isIPv6(text);

/** Formats of strings that CRD schemas may ask for (apiextensions-apiserver pkg/apiserver/validation/formats.go). Others mean nothing. */
const FORMATS = new Map<string, (text: string) => boolean>([
  ['date-time', isTime],
  ['datetime', isTime],
  ['date', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isTime(`${text}T00:00:00Z`)],
  ['duration', (text) => succeeds(() => parseDuration(text)) || /^\d+ ?(ns|us|ms|s|sec|m|min|h|hr|hour|d|day|w|wk|week)s?$/.test(text)],
  ['byte', (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', (text) => {
    const [address = '', bits = ''] = text.split('/');
    return isIp(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128);
  }],
  ['uuid', (text) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text)],
  ['email', (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text)],
  ['hostname', (text) => text.length <= 255 && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i.test(text)],
  ['uri', (text) => URL.canParse(text)],
  ['mac', (text) => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)],
]);

/** Whether a string has a format; unknown formats are never wrong. */
export function hasFormat(format: string, text: string): boolean {
  return FORMATS.get(format)?.(text) ?? true;
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
