/** The picture says what the samples say. */
import { describe, expect, test } from "vitest"
import { drawLatency, percent, shareWithin, spread } from "./chart.ts"
import type { Sample } from "./latency.ts"

const samplesOf = (...latencies: (number | null)[]): Sample[] =>
  latencies.map((seconds) => ({ kind: "list", latencyMs: seconds === null ? null : seconds * 1000 }))

test("a share counts alerts that never arrive as waiting", () => {
  const samples = samplesOf(5, 10, null, null)
  expect([4.999, 5, 10, 1e9].map((seconds) => shareWithin(samples, seconds))).toEqual([0, 0.25, 0.5, 0.5])
})

test("only a whole is called 100%", () => {
  expect([1, 0.99999, 0.9666, 0.05, 0].map(percent)).toEqual(["100%", "99.9%", "96.6%", "5.0%", "0%"])
})

test("names keep their order and their distance", () => {
  expect(spread([300, 100, 90], 30)).toEqual([300, 100, 70])
  expect(spread([90, 300, 100], 30)).toEqual([70, 300, 100])
  expect(spread([50, 50], 30)).toEqual([50, 20])
})

describe("the picture", () => {
  const picture = drawLatency(
    [
      { label: "Ours <&>", samples: samplesOf(1, 1, 1, 3600), look: "ours" },
      { label: "theirs", samples: samplesOf(60, null, null, null), look: "other" },
    ],
    { title: "Title", under: "Under" },
  )
  const curve = (look: string) => new RegExp(`<path class="${look}" d="([^"]*)"`).exec(picture)?.[1] ?? ""

  test("draws each curve from a second to an hour, 0 to 100%", () => {
    // A second is at 62 and an hour at 612; 0% is at 372 and 100% at 92.
    expect(curve("ours")).toMatch(/^M62 162L.*L612 92$/)
    expect(curve("other")).toMatch(/^M62 372L.*L612 302$/)
  })

  test("steps where an alert arrives", () => {
    // A minute is at 337.
    const points = curve("other")
      .slice(1)
      .split("L")
      .map((point) => point.split(" ").map(Number))
    for (const [at = 0, height] of points) expect(height).toBe(at < 337 ? 372 : 302)
  })

  test("says for each how many alerts arrive, and how soon", () => {
    expect(picture).toContain(">Ours &lt;&amp;&gt;</text>")
    expect(picture).toContain(">100% in an hour, half in 1 s</text>")
    expect(picture).toContain(">25.0% in an hour, half in 60 s</text>")
  })

  test("has its title, looks for dark screens, and nothing from elsewhere", () => {
    expect(picture).toContain(">Title</text>")
    expect(picture).toContain("prefers-color-scheme: dark")
    expect(picture.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script|@import/)
  })
})
