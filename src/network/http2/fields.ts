import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';

/** Headers of one hop in HTTP/1.1, which HTTP/2 forbids (RFC 9113 8.2.2). */
const HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Fields as HTTP/2 sends them. */
export function outgoing(fields: readonly (readonly [string, string])[]): OutgoingHttpHeaders {
  const made: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    if (HOP.has(key)) continue;
    const there = made[key];
    if (there === undefined) made[key] = value;
    else if (Array.isArray(there)) there.push(value);
    // Only set-cookie may stand several times; other lists join.
    else made[key] = key === 'set-cookie' ? [there, value] : `${there}, ${value}`;
  }
  return made;
}

/** What came in HTTP/2, as fields, without the pseudo-headers and what belongs to one hop. */
export function incoming(headers: IncomingHttpHeaders): [string, string][] {
  const made: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || HOP.has(name) || value === undefined) continue;
    // Cookies may come in pieces, which HTTP/1.1 wants in one line (RFC 9113 8.2.3).
    if (name === 'cookie' && Array.isArray(value)) made.push([name, value.join('; ')]);
    else for (const one of Array.isArray(value) ? value : [value]) made.push([name, one]);
  }
  return made;
}

export const lines = (fields: readonly (readonly [string, string])[]): string => fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');

export const fieldsOf = (text: string): [string, string][] =>
  text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);

/** Whether a content type is one of gRPC's. */
export const isGrpc = (contentType: string | undefined): boolean => contentType !== undefined && /^application\/grpc($|[+;])/i.test(contentType);
