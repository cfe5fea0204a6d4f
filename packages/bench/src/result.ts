/** What a benchmark says: the figures, beside their targets. */
import type { FactKind, Sample, Summary } from "./latency.ts"

export type BenchResult = {
  name: string
  /** What was measured: ours first, then what it is compared with. */
  values: Record<string, number>
  unit: string
  /** Ours divided by what it is compared with. */
  ratio: number
  /** Null: it is shown beside another, and nothing is asked of it. */
  target: string | null
  isMet: boolean
}

/** One volume with all its seeds: the bound by arithmetic, and each poller's samples. */
export type Volume = { rate: number; bound: number; hours: number; samples: Record<string, Sample[]> }

export type LatencyBench = {
  volumes: Volume[]
  /** By calls an hour, kind of fact and poller. */
  summaries: { rate: number; kind: FactKind; poller: string; summary: Summary }[]
  results: BenchResult[]
  /** Without nudges, with them, and another build if there is one, as a table. */
  race: string
  /** Of calls with nudges, at the number of calls an hour that the picture shows. */
  nudged: Sample[]
  /** What the simulation holds against the poller: how often in which runs, and the first. */
  problems: { runs: string; count: number; first: string }[]
}
