/** Whatever a rule names and channels take, an alert goes to those that want it, and never to nobody. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Severity, isWorse } from "../rule/rule.ts"
import { judge } from "../rule/judgement.ts"
import { START, factsOf, ruleOf } from "../test-example.ts"
import { recordJudgement } from "./call-record.ts"
import { type RecipientSettings, recipientsOf } from "./routing.ts"

const SLACK = { id: "slack", severityFrom: "info", agents: [], isFallback: true } as const

const EMAIL = { ...SLACK, id: "email", severityFrom: "critical" } as const

const BILLING = { ...SLACK, id: "billing", agents: ["Billing Bot"], isFallback: false } as const

const agent = { id: "a-1", name: "Front desk" }

const never = () => false

const to = (
  rule: { channels?: string[]; severity: Severity },
  recipients: readonly RecipientSettings[],
  of = agent,
) => recipientsOf(rule, of, recipients, never)

describe("a rule that names no channel goes to those that take it", () => {
  test("by severity", () => {
    expect(to({ severity: "warning" }, [SLACK, EMAIL])).toEqual(["slack"])
    expect(to({ severity: "critical" }, [SLACK, EMAIL])).toEqual(["slack", "email"])
  })

  test("by agent, whose name or id may be written in any case", () => {
    const all = [SLACK, BILLING]
    expect(to({ severity: "info" }, all)).toEqual(["slack"])
    expect(to({ severity: "info" }, all, { id: "a-2", name: "billing  bot " })).toEqual(["slack", "billing"])
    const byId = [{ ...BILLING, agents: ["A-1"] }]
    expect(to({ severity: "info" }, [SLACK, ...byId])).toEqual(["slack", "billing"])
  })

  test("and if that is nobody, to the fallback, whatever it takes", () => {
    expect(to({ severity: "info" }, [EMAIL, BILLING])).toEqual(["email"])
    expect(to({ severity: "info" }, [BILLING])).toEqual(["billing"])
  })
})

describe("a rule that names channels", () => {
  test("goes to those, whatever they take", () => {
    expect(to({ severity: "info", channels: ["email", "billing"] }, [SLACK, EMAIL, BILLING])).toEqual([
      "email",
      "billing",
    ])
  })

  test("goes to the fallback if none of them is live", () => {
    expect(to({ severity: "info", channels: ["pager"] }, [BILLING, EMAIL])).toEqual(["email"])
  })

  test("is passed on to no other if one of them was owed this call while it was live", () => {
    const rule = { severity: "info", channels: ["pager"] } as const
    expect(recipientsOf({ ...rule, channels: ["pager"] }, agent, [SLACK], (id) => id === "pager")).toEqual([])
  })
})

test("an alert is never owed to nobody, and never to a channel that does not take it while another does", () => {
  const anySeverity = fc.constantFrom(...Severity.options)
  const anyRecipient = fc.record({
    id: fc.constantFrom("slack", "email", "a", "b", "c"),
    severityFrom: anySeverity,
    agents: fc.subarray(["a-1", "Front desk", "somebody else"]),
    isFallback: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(anyRecipient, { minLength: 1, selector: ({ id }) => id }),
      anySeverity,
      fc.option(fc.subarray(["slack", "a", "gone"], { minLength: 1 }), { nil: undefined }),
      (recipients, severity, channels) => {
        const owed = recipientsOf({ severity, channels }, agent, recipients, never)
        expect(owed.length).toBeGreaterThan(0)
        const wants = ({ severityFrom, agents }: RecipientSettings) =>
          !isWorse(severityFrom, severity) &&
          (agents.length === 0 || agents.some((one) => one !== "somebody else"))
        const wanting = recipients.filter(wants).map(({ id }) => id)
        if (!channels && wanting.length > 0) expect(owed).toEqual(wanting)
      },
    ),
    { numRuns: 2000 },
  )
})

test("a reason that raises the severity reaches the channel that takes only such, with all that is known", () => {
  const mild = ruleOf({ favorite: true }, { id: "mild", severity: "info" })
  const bad = ruleOf({ spam: true }, { id: "bad", severity: "critical" })
  const recordOf = (marks: object, known: Parameters<typeof recordJudgement>[0]) => {
    const facts = factsOf(marks)
    return recordJudgement(known, facts, judge([mild, bad], facts, START), [SLACK, EMAIL], START)
  }
  const first = recordOf({ favorite: true }, null)
  expect(first.deliveries.map(({ channel }) => channel)).toEqual(["slack"])
  const worse = recordOf({ favorite: true, spam: true }, first)
  expect(worse.deliveries.map(({ channel }) => channel)).toEqual(["slack", "email"])
})
