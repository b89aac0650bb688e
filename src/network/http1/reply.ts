/** An answer of the proxy's own. */
export interface Reply {
  readonly kind: 'reply';
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 404: 'Not Found', 408: 'Request Timeout', 413: 'Content Too Large', 421: 'Misdirected Request',
  431: 'Request Header Fields Too Large', 500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout', 505: 'HTTP Version Not Supported',
};

export const reasonOf = (status: number): string => REASONS[status] ?? 'Unknown';

/** A plain-text answer. */
export function textReply(status: number, text: string, headers: readonly (readonly [string, string])[] = []): Reply {
  return { kind: 'reply', status, headers: [['Content-Type', 'text/plain; charset=utf-8'], ...headers], body: `${text}\n` };
}

/** The bytes of an answer on HTTP/1.1. */
export function replyText(reply: Reply, close: boolean, withBody: boolean): string {
  const headers = reply.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `HTTP/1.1 ${reply.status} ${reasonOf(reply.status)}\r\n${headers}Content-Length: ${Buffer.byteLength(reply.body)}\r\n${close ? 'Connection: close\r\n' : ''}\r\n`;
  return withBody ? head + reply.body : head;
}
