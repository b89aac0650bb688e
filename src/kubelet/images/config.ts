import type { ImageConfig } from '../types.ts';

/** An image's configuration, as OCI and Docker write it (image-spec config.md; Healthcheck and Shell are Docker's). */
export interface OciConfig {
  readonly architecture: string;
  readonly os: string;
  readonly created?: string;
  readonly config?: OciRunConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history?: readonly { readonly created?: string; readonly created_by?: string; readonly empty_layer?: boolean }[];
}

export interface OciRunConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly Healthcheck?: { readonly Test: readonly string[]; readonly Interval?: number; readonly Timeout?: number; readonly StartPeriod?: number; readonly Retries?: number };
  readonly Shell?: readonly string[];
  /** Docker's; the OCI's specification leaves it out, tools pass it on. */
  readonly OnBuild?: readonly string[];
}

/** The label of an image whose lowest layer is the host's own file system. */
export const BASE_LABEL = 'dev.coracle.base';

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function isHostBased(config: OciConfig): boolean {
  return config.config?.Labels?.[BASE_LABEL] === 'host';
}

/** As the kubelet wants it. */
export function imageConfig({ config = {} }: OciConfig): ImageConfig {
  return {
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    env: config.Env ?? [],
    workingDir: config.WorkingDir ?? '',
    user: config.User ?? '',
    stopSignal: config.StopSignal,
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    labels: config.Labels ?? {},
  };
}
