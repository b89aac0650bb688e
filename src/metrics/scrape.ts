import { request } from 'node:http';
import type { Pod } from '../api/types/core.v1.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Component } from '../client/controller.ts';
import { parseExposition, type Series } from './exposition.ts';

/** A metric of a pod: a gauge's value, or a counter's rate per second. */
export interface PodValue {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: number;
  /** Over which time a rate was taken. */
  readonly windowMs?: number;
}

/** Reads the Prometheus pages of pods that are annotated with `prometheus.io/scrape: "true"`, at an interval. */
export interface Scraper extends Component {
  /** What a pod's latest page said; empty when it has none. */
  values(uid: string): readonly PodValue[];
}

export interface ScraperOptions {
  readonly clock: Clock;
  readonly pods: () => readonly Pod[];
  readonly intervalMs: number;
}

const AT_ONCE = 16;
const LONGEST_PAGE = 4 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

interface Page {
  readonly at: number;
  readonly counters: ReadonlyMap<string, number>;
  readonly values: readonly PodValue[];
}

export function createScraper({ clock, pods, intervalMs }: ScraperOptions): Scraper {
  let pages = new Map<string, Page>();
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  async function scrape(): Promise<void> {
    const next = new Map<string, Page>();
    const queue = pods().flatMap((pod) => {
      const target = scrapeTarget(pod);
      return target ? [{ uid: pod.metadata.uid ?? '', target }] : [];
    });
    const turn = async () => {
      for (let job = queue.pop(); job; job = queue.pop()) {
        // A pod that does not answer has no figures, like one that never had any.
        const text = await fetchPage(job.target, clock, Math.min(TIMEOUT_MS, Math.max(1_000, intervalMs))).catch(() => undefined);
        if (text !== undefined) next.set(job.uid, readPage(parseExposition(text), clock.now(), pages.get(job.uid)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, turn));
    pages = next;
  }
  const tick = () => {
    running = scrape().finally(() => {
      if (timer) timer = clock.after(intervalMs, tick);
    });
  };
  return {
    name: 'scraper',
    values: (uid) => pages.get(uid)?.values ?? [],
    async start() {
      timer = clock.after(0, tick);
    },
    async stop() {
      timer?.cancel();
      timer = undefined;
      await running;
    },
  };
}

export interface ScrapeTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Where a pod's page is, by Prometheus' usual annotations; undefined when it does not ask to be read, or does not run. */
export function scrapeTarget({ metadata, spec, status }: Pod): ScrapeTarget | undefined {
  const annotations = metadata.annotations ?? {};
  if (annotations['prometheus.io/scrape'] !== 'true' || status?.phase !== 'Running' || !status.podIP || metadata.deletionTimestamp !== undefined) return undefined;
  const declared = spec.containers.flatMap(({ ports = [] }) => ports).find(({ protocol = 'TCP' }) => protocol === 'TCP')?.containerPort;
  const port = Number(annotations['prometheus.io/port'] ?? declared);
  const path = annotations['prometheus.io/path'] ?? '/metrics';
  return Number.isInteger(port) && port > 0 && port < 65_536 && /^\/[!-~]*$/.test(path) ? { host: status.podIP, port, path } : undefined;
}

/** Turns a page into values: gauges as they are, counters as their rate since the last page, named as prometheus-adapter names them (without `_total`, `_seconds_total`). */
export function readPage(series: readonly Series[], at: number, previous: Page | undefined): Page {
  const counters = new Map<string, number>();
  const values: PodValue[] = [];
  for (const { name, labels, value, counter } of series) {
    if (!counter) {
      values.push({ metric: name, labels, value, at });
      continue;
    }
    const key = `${name}${JSON.stringify(labels)}`;
    counters.set(key, value);
    const before = previous?.counters.get(key);
    const windowMs = at - (previous?.at ?? at);
    if (windowMs <= 0 || (before === undefined && previous === undefined)) continue;
    // A series that appears between two pages, or began anew, counted from zero.
    const grown = before === undefined || value < before ? value : value - before;
    values.push({ metric: name.replace(/(_seconds)?_total$/, ''), labels, value: (grown * 1000) / windowMs, at, windowMs });
  }
  return { at, counters, values };
}

function fetchPage({ host, port, path }: ScrapeTarget, clock: Clock, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, path, agent: false, headers: { accept: 'text/plain;version=0.0.4', 'user-agent': 'coracle', connection: 'close' } }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length > LONGEST_PAGE) outgoing.destroy(new Error('the page is too long'));
      });
      response.on('end', () => (response.statusCode === 200 ? done(Buffer.concat(chunks).toString('utf8')) : failed(new Error(`status ${response.statusCode}`))));
      response.on('error', failed);
    });
    const timeout = clock.after(timeoutMs, () => outgoing.destroy(new Error('no answer in time')));
    const done = (text: string) => {
      timeout.cancel();
      resolve(text);
    };
    const failed = (error: Error) => {
      timeout.cancel();
      reject(error);
    };
    outgoing.on('error', failed);
    outgoing.end();
  });
}
