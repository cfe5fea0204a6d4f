/** Every story of every company, in every mood and with every fate that a call can have. */
import { describe, expect, test } from "vitest"
import { COMPANIES } from "./company.ts"
import type { Fate, Mood } from "./fortune.ts"
import { perform } from "./performance.ts"
import { createPerson } from "./person.ts"
import { type CallPlan, planCall } from "./plan.ts"
import { createRandom } from "./random.ts"
import { writeScript } from "./script.ts"
import type { Story } from "./story.ts"
import { BRIEF_STORIES } from "./story/brief.ts"
import { SPAM_STORIES } from "./story/spam.ts"
import { REAL_TEMPO } from "./tempo.ts"

const MOODS: readonly Mood[] = ["calm", "cheerful", "worried", "angry"]

const FATES: readonly Fate[] = ["resolved", "toolFailed", "transferred", "transferDead", "abandoned"]

const stories = COMPANIES.flatMap((company) => company.stories.map((story) => ({ company, story })))

function planStory(
  story: Story,
  company = COMPANIES[0],
  choice: { mood?: Mood; fate?: Fate; lengthMs?: number } = {},
): CallPlan {
  if (!company) throw new Error("There is no company.")
  const random = createRandom(story.topic, JSON.stringify(choice))
  const setting = {
    company,
    person: createPerson(random),
    visit: 1,
    createdAt: Date.UTC(2026, 2, 2, 9),
    tempo: REAL_TEMPO,
  }
  return {
    ...planCall(random, setting, { mood: "calm", fate: "resolved", lengthMs: 150_000, ...choice }),
    story,
  }
}

describe.each(stories)("$company.name: $story.topic", ({ company, story }) => {
  test.each(MOODS.flatMap((mood) => FATES.map((fate) => ({ mood, fate }))))(
    "$mood, $fate",
    ({ mood, fate }) => {
      const plan = planStory(story, company, { mood, fate })
      const { beats, summary } = perform(plan, createRandom(1))
      const deeds = beats.filter((beat) => beat.kind === "done")
      const transfers = deeds.filter((deed) => deed.type === "TRANSFER")

      expect(transfers.map((deed) => deed.toolData.result["status"])).toEqual(
        { transferred: ["answered"], transferDead: ["no_answer"] }[fate as string] ?? [],
      )
      const hasFailed = deeds.some((deed) => deed.toolData.result["success"] === false)
      expect(hasFailed).toBe(fate === "toolFailed")
      expect(summary).toContain(plan.person.last)
      expect(summary).toContain(story.topic)
      if (fate === "transferred") expect(summary).toContain("transferred")
      if (fate === "transferDead") expect(summary).toContain("was not answered")
      if (fate === "abandoned") expect(summary).toContain("hung up")
      if (mood === "angry") expect(summary).toMatch(/angry|upset|raised their voice/)
      expect(
        beats.every((beat) => beat.kind === "done" || !/undefined|\[object|\$\{| {2}/.test(beat.text)),
      ).toBe(true)
    },
  )
})

test("every company has stories of both directions", () => {
  for (const company of COMPANIES) {
    const directions = new Set(company.stories.map((story) => story.direction))
    expect(directions).toEqual(new Set(["incoming", "outgoing"]))
  }
})

test.each([...BRIEF_STORIES, ...SPAM_STORIES])("in short: $topic", (story) => {
  const plan: CallPlan = { ...planStory(story), kind: "brief" }
  const { beats, summary } = perform(plan, createRandom(1))
  expect(beats.length).toBeGreaterThan(1)
  expect(summary).toMatch(/^[A-Z].*\.$/)
})

describe("times", () => {
  const company = COMPANIES[0]
  const story = company?.stories[0]
  if (!story) throw new Error("There is no story.")

  test.each([56_000, 150_000, 600_000, 4 * 3_600_000])(
    "a call of %i ms is filled from its start to its end",
    (lengthMs) => {
      const plan = planStory(story, company, { lengthMs })
      const { turns, writeTimeline } = writeScript(plan)
      const timeline = writeTimeline()
      const times = timeline.map((activity) => Date.parse(activity.timestamp))
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(times[0]).toBe(plan.createdAt)
      expect(times.at(-1)).toBe(plan.endedAt)
      expect(plan.endedAt - Date.parse(turns.at(-1)?.timestamp ?? "")).toBeLessThan(20_000)
    },
  )

  test("a long wait is mentioned in the summary, and the agent comes back on the line", () => {
    const { turns, summary } = writeScript(planStory(story, company, { lengthMs: 3_600_000 }))
    expect(summary).toMatch(/about 5\d minutes on hold/)
    expect(
      turns.filter((turn) => /holding|patience|Still with you|waiting|wait/.test(turn.text)).length,
    ).toBeGreaterThan(2)
  })

  test("after an answered transfer the agent is silent until the end", () => {
    const { writeTimeline } = writeScript(
      planStory(story, company, { fate: "transferred", lengthMs: 600_000 }),
    )
    expect(
      writeTimeline()
        .slice(-2)
        .map((activity) => activity.type),
    ).toEqual(["TRANSFER", "HANGUP"])
  })
})
