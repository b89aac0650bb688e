import type { Clock, Timer } from '../../base/clock.ts';
import type { Backend } from '../table/backend.ts';
import type { Endpoint } from '../table/endpoint.ts';
import type { Protocol } from '../table/spec.ts';
import { Exchange, type ExchangeClient, type RequestCopy } from './exchange.ts';
import { RequestHead } from './head.ts';

/** What of a body may wait for a pod that is slower than the one that answers; and what an exchange keeps while it has none. */
const MOST_HELD = 1_048_576;
const MOST_WITHOUT_POD = 65_536;
const LONGEST_MS = 60_000;

/**
 * A copy of a request for another backend (RequestMirror in the Gateway API). Its answer is read and thrown away, its failures are nobody's; when it cannot keep up with the original, or takes longer than a minute, it is
 * given up.
 */
export function mirror(backend: Backend, protocol: Protocol, head: string, client: string, clock: Clock, suspect: (endpoint: Endpoint) => void): RequestCopy {
  const request = new RequestHead();
  let whole = false;
  let slow = false;
  let held = 0;
  let timer: Timer | undefined;
  const settle = (status: number) => {
    timer?.cancel();
    exchange.settle(status);
  };
  const side: ExchangeClient = {
    client,
    // Where more of the body was to come, the connection is not used again: who knows whether it came.
    get bodyDone() {
      return whole;
    },
    content: undefined,
    pauseBody: () => void (slow = true),
    resumeBody() {
      slow = false;
      held = 0;
    },
    onInformational() {},
    onResponse(answer, _bytes, _start, _end, done) {
      if (done) settle(answer.status);
      return true;
    },
    onData(_bytes, done) {
      if (done) settle(exchange.status);
      return true;
    },
    onUpgrade: (_head, _bytes, upstream) => void upstream.destroy(),
    onFailed: settle,
    onBroken: () => settle(0),
  };
  const exchange = new Exchange(side, clock, suspect);
  const abandon = () => {
    exchange.drop();
    settle(0);
  };
  return {
    begin(body, bodyDone) {
      if (request.read(Buffer.from(head, 'latin1'), 0) !== 'done' || request.upgrade) return;
      whole = bodyDone;
      timer = clock.after(LONGEST_MS, abandon);
      exchange.begin(request, { kind: 'forward', backend, external: true, head, protocol, responseFields: undefined, timeoutMs: undefined, finished: undefined }, head, body);
    },
    write(part) {
      if (exchange.forward === undefined) return;
      if (slow && (held += part.length) > (exchange.underWay ? MOST_HELD : MOST_WITHOUT_POD)) abandon();
      else exchange.write(part);
    },
    abandon,
  };
}
