export { createMetrics, type Metrics, type MetricsOptions, type NodeSource, type PodSample } from './metrics.ts';
export { customMetricsApi, externalMetricsApi, type MetricsExtension } from './custom-api.ts';
export type { CustomSources, RequestFigures } from './custom.ts';
export { ownMetrics, type AutoscalerObservation, type OwnMetrics } from './own.ts';
export { createScraper, type Scraper } from './scrape.ts';
