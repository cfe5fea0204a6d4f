/** What rules can name: everything that the vendor documents about a call, with its type, and nothing else. */
import { readDetail, readListing } from "@earshot/calls-api/reading"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import documentedDetail from "../../../calls-api/src/documented-detail.json" with { type: "json" }
import documentedList from "../../../calls-api/src/documented-list.json" with { type: "json" }
import { activityOf, anyDetail, detailOf, listedFactsOf } from "../test-example.ts"
import { FIELDS, fieldNamed } from "./field.ts"

function read(name: string, changes: Parameters<typeof detailOf>[0]) {
  return fieldNamed(name)?.read(detailOf(changes))
}

describe("the catalogue", () => {
  test("notices every value of the documented example, but for ids, times and what was done in so many words", () => {
    const example = JSON.stringify(documentedDetail)
    const seen = (body: unknown) => {
      const detail = readDetail(body, "call-uuid-1234")
      return JSON.stringify(FIELDS.map((field) => detail && field.read(detail.call)))
    }
    const before = seen(documentedDetail)
    const unseen = pathsOf(documentedDetail.data).filter((path) => {
      const body = JSON.parse(example)
      change(body.data, path)
      return seen(body) === before
    })
    expect(unseen.map((path) => path.map((key) => (typeof key === "number" ? "#" : key)).join("."))).toEqual([
      // They identify the call and its end: a rule reads when it began and how long it took.
      "endedAt",
      ...["timestamp", "timestamp", "timestamp"].map((name) => `transcript.#.${name}`),
      // Of the activities, a rule reads only their types and the tools' names.
      ...["id", "sender", "data", "toolData", "timestamp"].map((name) => `activityTimeline.#.${name}`),
      ...["id", "sender", "data", "toolData", "timestamp"].map((name) => `activityTimeline.#.${name}`),
      ...["id", "sender", "data", "toolData.result.inStock", "toolData.result.quantity", "timestamp"].map(
        (name) => `activityTimeline.#.${name}`,
      ),
    ])
  })

  test("says of each field whether the list has it, and that is where the list has it", () => {
    const row = readListing(documentedList)?.calls[0]
    const { call } = listedFactsOf(row)
    for (const field of FIELDS) {
      const value = field.read(call, { hour: 1, day: 1, week: 1 })
      if (field.source === "list") expect(value, field.name).not.toBeNull()
      // The list may show only the beginning of a transcript, which is enough for what is found in it.
      else if (field.presentWith !== "transcript" && !field.name.startsWith("transcript"))
        expect(value, field.name).toBeNull()
    }
  })

  test("says of each field its type, and no call makes it another", () => {
    fc.assert(
      fc.property(anyDetail, (call) => {
        for (const { name, type, read } of FIELDS) {
          const value = read(call)
          if (value === null) continue
          // A time is kept as the vendor wrote it.
          const written = type === "time" ? "string" : type
          expect(Array.isArray(value) ? "texts" : typeof value, name).toBe(written)
        }
      }),
      { numRuns: 300 },
    )
  })

  test("has each name once, and a sentence about it", () => {
    expect(new Set(FIELDS.map(({ name }) => name)).size).toBe(FIELDS.length)
    for (const { about } of FIELDS) expect(about).toMatch(/^[A-Z+h].*\.$/)
    expect(fieldNamed("constructor")).toBeUndefined()
  })

  test("marks what a person can be known by, and what was said", () => {
    const personal = FIELDS.filter(({ isPersonal }) => isPersonal).map(({ name }) => name)
    expect(personal).toEqual([
      "from",
      "to",
      "summary",
      "agent.name",
      "recordingUrl",
      "transcript",
      "transcript.agent",
      "transcript.caller",
      "memory",
      "technicalIssues",
    ])
  })
})

type Path = (string | number)[]

/**
 * The paths to all values that are not objects, without the call's own id, which is what the detail is requested by.
 */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return path[0] === "id" ? [] : [path]
  return Object.entries(value).flatMap(([key, part]) =>
    pathsOf(part, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

/** Changes a value to another of its type; null becomes a text. */
function change(target: Record<string | number, unknown>, [key = "", ...rest]: Path): void {
  const value = target[key]
  if (rest.length > 0 && typeof value === "object" && value !== null) change(Object(value), rest)
  else if (typeof value === "boolean") target[key] = !value
  else target[key] = typeof value === "number" ? value + 1 : `${String(value)} changed`
}

describe("sentiment", () => {
  const moods = (angry: number, neutral: number) => ({
    metadata: {
      sentiment: { happy: 0, sad: 0, angry, neutral },
      callQuality: null,
      technicalIssues: null,
      usage: null,
      callCost: null,
    },
  })

  test("reads as shares from 0 to 1, also where the vendor writes percentages", () => {
    expect(read("sentiment.angry", moods(0.6, 0.4))).toBe(0.6)
    expect(read("sentiment.angry", moods(60, 40))).toBe(0.6)
    expect(read("sentiment.angry", moods(0.5, 99.5))).toBe(0.005)
    expect(read("sentiment.angry", moods(1, 0))).toBe(1)
  })

  const all = (happy: number, sad: number, angry: number, neutral: number | null) => {
    const { metadata } = moods(0, 0)
    return read("sentiment.angry", { metadata: { ...metadata, sentiment: { happy, sad, angry, neutral } } })
  }

  test("knows the scale by all four together, never by one that is a little above 1", () => {
    expect(all(0, 0, 1.0000001, 0)).toBe(1)
    expect(all(0, 0, 1.004, 0.001)).toBe(1)
    expect(all(33, 33, 33, 0)).toBe(0.33)
    expect(all(0.5, 0.5, 1, 98)).toBe(0.01)
    // One is missing, and makes up the rest of a hundred.
    expect(all(10, 5, 70, null)).toBe(0.7)
    // Of ten points, say.
    expect(all(1, 1, 7, 1)).toBe(0.7)
  })

  test("is unknown where all four are 0, or less", () => {
    expect(all(0, 0, 0, 0)).toBeNull()
    expect(all(-1, -1, -1, -1)).toBeNull()
    expect(all(0.2, 0, 0, 0.8)).toBe(0)
  })

  test("names the largest share; nothing where all are nothing", () => {
    expect(read("sentiment.dominant", moods(0.6, 0.4))).toBe("angry")
    expect(read("sentiment.dominant", moods(0.3, 0.7))).toBe("neutral")
    expect(read("sentiment.dominant", moods(0, 0))).toBeNull()
    expect(read("sentiment.dominant", { metadata: null })).toBeNull()
  })
})

describe("the timeline", () => {
  test("says whether the call was transferred, once there is a timeline", () => {
    expect(read("transferred", { activityTimeline: null })).toBeNull()
    expect(read("transferred", { activityTimeline: [] })).toBeNull()
    expect(fieldNamed("transferred")?.readSettled?.(detailOf({ activityTimeline: [] }))).toBe(false)
    expect(read("transferred", { activityTimeline: [activityOf("HANGUP")] })).toBe(false)
    expect(read("transferred", { activityTimeline: [activityOf("HANGUP"), activityOf("TRANSFER")] })).toBe(
      true,
    )
  })

  test("names the types that it knows and the tools that were called", () => {
    const tool = (toolData: unknown) => ({ ...activityOf("TOOL_CALL"), toolData })
    const activityTimeline = [
      tool({ tool: "book_table", result: { ok: true } }),
      tool({ tool: 7 }),
      tool("book"),
      tool([]),
      { ...activityOf(""), type: null },
    ]
    expect(read("tools", { activityTimeline })).toEqual(["book_table"])
    expect(read("timeline", { activityTimeline })).toEqual([
      "TOOL_CALL",
      "TOOL_CALL",
      "TOOL_CALL",
      "TOOL_CALL",
    ])
    expect(read("tools", { activityTimeline: null })).toBeNull()
  })
})

test("the transcript can be read by who speaks", () => {
  const transcript = [
    { speaker: "agent", text: "Hello.", timestamp: null },
    { speaker: "caller", text: "A human, please.", timestamp: null },
    { speaker: "supervisor", text: null, timestamp: null },
  ]
  expect(read("transcript", { transcript })).toBe("Hello.\nA human, please.\n")
  expect(read("transcript.caller", { transcript })).toBe("A human, please.")
  expect(read("transcript.agent", { transcript })).toBe("Hello.")
})

describe("where every turn is said to be one side's", () => {
  const turn = (text: string, speaker: string | null = "agent") => ({ speaker, text, timestamp: null })
  const transcript = [turn("Hello."), turn("I want a refund."), turn("Of course.")]
  const whole = "Hello.\nI want a refund.\nOf course."

  test("what the caller said may be anywhere, and so may what the agent said", () => {
    for (const speaker of ["agent", "caller", null, "speaker_0"]) {
      const turns = transcript.map(({ text }) => turn(text, speaker))
      expect(read("transcript.caller", { transcript: turns })).toBe(whole)
      expect(read("transcript.agent", { transcript: turns })).toBe(whole)
    }
  })

  test("it is looked at only in the whole transcript of a call that is over", () => {
    const lasting = { endedAt: null, status: "in_progress", score: null }
    expect(read("transcript.caller", { transcript, ...lasting })).toBeNull()
    expect(
      read("transcript.caller", { transcript, memory: null, activityTimeline: null, metadata: null }),
    ).toBe(null)
  })

  test("but a greeting alone is the agent's", () => {
    expect(read("transcript.caller", { transcript: [turn("Hello.")] })).toBeNull()
    expect(read("transcript.caller", { transcript: [turn("Hello."), turn("", "caller")] })).toBeNull()
    expect(read("transcript.agent", { transcript: [turn("Hello.")] })).toBe("Hello.")
  })
})

describe("the vendor's words", () => {
  test("are read whatever their case, and in the words of others", () => {
    for (const type of ["OUTGOING", "outgoing", "Outbound", "OUTBOUND_CALL"])
      expect(read("type", { type })).toBe("OUTGOING")
    expect(read("type", { type: "CONFERENCE" })).toBe("CONFERENCE")
    for (const status of ["completed", "COMPLETED", "Complete"]) {
      expect(read("status", { status })).toBe("completed")
      expect(read("duration", { status, endedAt: null, score: null })).toBe(245)
    }
    expect(read("duration", { status: "failed", endedAt: null, score: null })).toBeNull()
    for (const type of ["transfer", "Call Transferred", "CALL_TRANSFER"]) {
      expect(read("transferred", { activityTimeline: [activityOf(type)] }), type).toBe(true)
      expect(read("timeline", { activityTimeline: [activityOf(type)] })).toEqual(["TRANSFER"])
    }
    expect(read("transferred", { activityTimeline: [activityOf("TRANSFER_FAILED")] })).toBe(false)
    const transcript = [
      { speaker: "AI Agent", text: "Hello.", timestamp: null },
      { speaker: "Customer", text: "A human, please.", timestamp: null },
    ]
    expect(read("transcript.caller", { transcript })).toBe("A human, please.")
  })
})

test("a mark that is missing is not set, so that no call waits for it", () => {
  for (const mark of ["flagged", "favorite", "spam"]) expect(read(mark, { [mark]: null })).toBe(false)
})

test("technical issues are text, whatever the vendor writes", () => {
  const issues = (technicalIssues: unknown) => ({
    metadata: { sentiment: null, callQuality: null, technicalIssues, usage: null, callCost: null },
  })
  expect(read("technicalIssues", issues("echo"))).toBe("echo")
  expect(read("technicalIssues", issues(["echo", { jitter: 3 }]))).toBe('["echo",{"jitter":3}]')
  for (const nothing of [null, "", [], {}]) expect(read("technicalIssues", issues(nothing))).toBeNull()
})
