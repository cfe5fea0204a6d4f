/** The emulator as the vendor of a simulation: it shows what the ledger takes for true. */
import { HOUR, type Instant, MINUTE, isoOf } from "@earshot/core/instant"
import { type Random, createRandom, pick } from "@earshot/emulators/random"
import { expect, test } from "vitest"
import { START } from "../scenario.ts"
import { CALLS_END, openEmulator } from "../test-emulator.ts"

function listQuery(random: Random, from: Instant): string {
  const [sortBy, sortOrder] = pick(random, [
    ["createdAt", "asc"],
    ["endedAt", "desc"],
  ] as const)
  return `?sortBy=${sortBy}&sortOrder=${sortOrder}&dateFrom=${encodeURIComponent(isoOf(from))}&limit=100`
}

const ONE = listQuery(() => 0, START).replace("limit=100", "limit=1")

const seeds = Array.from({ length: 6 }, (_, index) => index + 1)

test.each(seeds)("seed %i: every list and detail says what the simulated vendor says", async (seed) => {
  const { vendor, violations, goTo, ask } = openEmulator(seed)
  const random = createRandom("asking", seed)
  const isLive = (now: Instant) => now < CALLS_END + 2 * HOUR
  // Until the last flags have come.
  for (let now = START + 7 * MINUTE; now < START + 160 * HOUR; now += isLive(now) ? 4 * MINUTE : HOUR) {
    goTo(now)
    const from = now - random() * (isLive(now) ? 2 : 170) * HOUR
    await ask(listQuery(random, from + vendor.oddities.stampsMs))
    const calls = vendor.traffic.callsAt(now)
    for (const some of [calls.slice(-60), calls]) if (some.length > 0) await ask(`/${pick(random, some).id}`)
  }
  expect(violations).toEqual([])
})

test("an answer that the simulated vendor would not give is a violation", async () => {
  const { violations, ask } = openEmulator(1)
  await ask(ONE.replace("limit=1", "limit=0"))
  await ask(ONE, "ew_other")
  expect(violations).toMatchObject([
    expect.stringContaining("answers 400 instead of 200"),
    expect.stringContaining("answers 401 instead of 200"),
  ])
})

test("a 429 from the emulator is one too, whichever window it counts in", async () => {
  for (const seed of seeds) {
    const { violations, goTo, ask } = openEmulator(seed)
    for (let asked = 0; asked <= 200; asked++) {
      goTo(START + asked * 3 * 1000)
      await ask(ONE)
    }
    expect(violations).toMatchObject([expect.stringContaining("200 lists an hour")])
  }
})

test("in bad times the key is refused and answers are broken, and that is no violation", async () => {
  const { violations, goTo, ask } = openEmulator(3, { isFaulty: true })
  const seen = new Set<string>()
  for (let now = START; now < START + 20 * HOUR; now += 20 * 1000) {
    goTo(now)
    const { status, headers } = await ask(ONE)
    seen.add(`${status} ${headers.get("content-type")}`)
  }
  expect(violations).toEqual([])
  for (const answer of ["200 application/json", "200 text/plain", "200 text/html; charset=utf-8"])
    expect(seen).toContain(answer)
  expect([...seen].some((answer) => answer.startsWith("401"))).toBe(true)
})
