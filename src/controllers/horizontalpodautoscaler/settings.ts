/** How the autoscaler behaves; times in ms. */
export interface AutoscalerSettings {
  /** From the end of one reconcile to the next. */
  readonly syncPeriodMs: number;
  /** The dead band on both sides of ratio 1. */
  readonly tolerance: number;
  /** The scale-down window of HPAs that give none. */
  readonly downscaleStabilizationMs: number;
  readonly cpuInitializationMs: number;
  readonly initialReadinessMs: number;
  /** How fast HPAs without `behavior` may grow: so many times the current size, or this many pods. */
  readonly growth: { readonly factor: number; readonly minimum: number };
  /** Feature gate HPAScaleToZero: always, never, or for HPAs that ask for it (minReplicas 0, or scaled to zero before), which leaves every other HPA's conditions as they were. */
  readonly scaleToZero: boolean | 'whenAsked';
  /** Feature gate HPAConfigurableTolerance. */
  readonly configurableTolerance: boolean;
  /** Feature gate PodLevelResources. */
  readonly podLevelResources: boolean;
}

/** kube-controller-manager's defaults. */
export const STANDARD: AutoscalerSettings = {
  syncPeriodMs: 15_000,
  tolerance: 0.1,
  downscaleStabilizationMs: 300_000,
  cpuInitializationMs: 300_000,
  initialReadinessMs: 30_000,
  growth: { factor: 2, minimum: 4 },
  scaleToZero: 'whenAsked',
  configurableTolerance: true,
  podLevelResources: true,
};

/** The fast cadence: decides every second. CPU start-up still does not count as load. */
export const FAST: AutoscalerSettings = { ...STANDARD, syncPeriodMs: 1000 };
