/**
 * The picture of the benchmarks: which share of the matching calls raised an alert how soon. Pure: samples in, SVG out.
 * The time is logarithmic; calls that never raise one keep a curve below the top. Light or dark like the reader's screen.
 */
import { type Sample, summarizeSamples } from "./latency.ts"

export type Curve = { label: string; samples: readonly Sample[]; look: "ours" | "second" | "other" | "least" }

const WIDTH = 860

const HEIGHT = 430

const PLOT = { left: 62, right: 612, top: 92, bottom: 372 }

const SECONDS = { first: 1, last: 3600 }

const TIMES: readonly (readonly [number, string])[] = [
  [1, "1 s"],
  [3, "3 s"],
  [10, "10 s"],
  [30, "30 s"],
  [60, "1 min"],
  [180, "3 min"],
  [600, "10 min"],
  [1800, "30 min"],
  [3600, "1 h"],
]

const SHARES = [0, 0.25, 0.5, 0.75, 1]

/** Points of a curve: one for every four pixels. */
const POINTS = 138

/** Names of curves that end at the same height are this far apart. */
const LABEL_GAP = 34

const STYLE = `
    .ground { fill: #ffffff; stroke: #d0d7de }
    text { font-family: -apple-system, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif }
    .title { font-size: 17px; font-weight: 600; fill: #1f2328 }
    .under, .tick { font-size: 12.5px; fill: #59636e }
    .name { font-size: 13px; font-weight: 600 } .value { font-size: 12px; fill: #59636e }
    .grid { stroke: #d0d7de; stroke-width: 1; opacity: .7 } .lead { stroke: #d0d7de; fill: none }
    path { fill: none; stroke-linejoin: round; stroke-linecap: round }
    .ours { stroke: #0969da; stroke-width: 3.5 } .name.ours-text { fill: #0969da }
    .second { stroke: #54aeff; stroke-width: 2.25 } .name.second-text { fill: #0969da }
    .other { stroke: #bc4c00; stroke-width: 2 } .name.other-text { fill: #bc4c00 }
    .least { stroke: #818b98; stroke-width: 1.75 } .name.least-text { fill: #59636e }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #0d1117; stroke: #3d444d } .title { fill: #f0f6fc }
      .under, .tick, .value, .name.least-text { fill: #9198a1 }
      .grid, .lead { stroke: #3d444d }
      .ours { stroke: #4493f8 } .name.ours-text { fill: #4493f8 }
      .second { stroke: #316dca } .name.second-text { fill: #6cb6ff }
      .other { stroke: #db6d28 } .name.other-text { fill: #db6d28 }
      .least { stroke: #767e89 }
    }`

export function drawLatency(
  curves: readonly Curve[],
  { title, under }: { title: string; under: string },
): string {
  const ends = curves.map(({ samples }) => y(shareWithin(samples, SECONDS.last)))
  const heights = spread(ends, LABEL_GAP)
  const lines = curves.map((curve) => `<path class="${curve.look}" d="${pathOf(curve.samples)}"/>`)
  const labels = curves.map((curve, index) => label(curve, ends[index] ?? 0, heights[index] ?? 0))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escape(`${title}. ${under}`)}">
  <style>${STYLE}
  </style>
  <rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>
  <text class="title" x="24" y="34">${escape(title)}</text>
  <text class="under" x="24" y="55">${escape(under)}</text>
  ${[...grid(), ...lines.toReversed(), ...labels].join("\n  ")}
</svg>
`
}

function grid(): string[] {
  const rows = SHARES.map((share) => {
    const at = y(share)
    const text = `<text class="tick" x="${PLOT.left - 8}" y="${at + 4}" text-anchor="end">${share * 100}%</text>`
    return `<path class="grid" d="M${PLOT.left} ${at}H${PLOT.right}"/>${text}`
  })
  const columns = TIMES.map(([seconds, text]) => {
    const at = x(seconds)
    const tick = `<text class="tick" x="${at}" y="${PLOT.bottom + 22}" text-anchor="middle">${text}</text>`
    return `<path class="grid" d="M${at} ${PLOT.top}V${PLOT.bottom}"/>${tick}`
  })
  const middle = (PLOT.left + PLOT.right) / 2
  const axis = "after the vendor shows the fact (logarithmic)"
  return [
    ...rows,
    ...columns,
    `<text class="tick" x="${middle}" y="${PLOT.bottom + 43}" text-anchor="middle">${axis}</text>`,
  ]
}

function label({ label, samples, look }: Curve, end: number, height: number): string {
  const from = PLOT.right + 4
  const share = percent(shareWithin(samples, SECONDS.last))
  const name = `<text class="name ${look}-text" x="${from + 22}" y="${height - 1}">${escape(label)}</text>`
  const value = `<text class="value" x="${from + 22}" y="${height + 14}">${share} in an hour${medianText(samples)}</text>`
  return `<path class="lead" d="M${from} ${end}L${from + 16} ${height}"/>${name}${value}`
}

/** The share of the calls whose alert arrived within this many seconds. */
export function shareWithin(samples: readonly Sample[], seconds: number): number {
  const within = samples.filter(({ latencyMs }) => latencyMs !== null && latencyMs <= seconds * 1000)
  return within.length / samples.length
}

/** Only a whole is called 100%. */
export function percent(share: number): string {
  const text = (Math.floor(share * 1000) / 10).toFixed(share === 1 || share === 0 ? 0 : 1)
  return `${text}%`
}

/** Nothing if half of the alerts come at once: such a poller alerts only what is known from the beginning. */
function medianText(samples: readonly Sample[]): string {
  const seconds = summarizeSamples(samples).p50
  if (!(seconds >= 1)) return ""
  return `, half in ${seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`}`
}

function pathOf(samples: readonly Sample[]): string {
  const points = Array.from({ length: POINTS + 1 }, (_, index) => {
    const seconds = SECONDS.first * (SECONDS.last / SECONDS.first) ** (index / POINTS)
    return `${x(seconds)} ${y(shareWithin(samples, seconds))}`
  })
  return `M${points.join("L")}`
}

function x(seconds: number): number {
  const share = Math.log(seconds / SECONDS.first) / Math.log(SECONDS.last / SECONDS.first)
  return rounded(PLOT.left + share * (PLOT.right - PLOT.left))
}

function y(share: number): number {
  return rounded(PLOT.bottom - share * (PLOT.bottom - PLOT.top))
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

/** Heights near the wanted ones and `gap` apart, in the same order, not below the plot. */
export function spread(wanted: readonly number[], gap: number): number[] {
  const order = wanted.map((height, index) => ({ height, index })).sort((a, b) => b.height - a.height)
  const heights: number[] = []
  let lowest = Number.POSITIVE_INFINITY
  for (const { height, index } of order) {
    lowest = Math.min(height, lowest - gap)
    heights[index] = lowest
  }
  return heights
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
}
