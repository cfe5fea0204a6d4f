/**
 * Which lists of addresses a deploy takes, and what it says of those that it does not.
 */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { chosenEmails, chosenTopics, chosenVariables } from "../../stacks/setting.ts"

const chosen = (list: string | undefined) => chosenEmails({ ALERT_EMAILS: list }, "ALERT_EMAILS")

describe("addresses", () => {
  test.each([undefined, "", " , ,"])("none are none: %j", (list) => {
    expect(chosen(list)).toEqual([])
  })

  test("spaces, line breaks, a last comma and repetitions do no harm", () => {
    expect(chosen(" anna@example.com,\nben+calls@mail.example.co.uk , Anna@Example.com,")).toEqual([
      "Anna@Example.com",
      "ben+calls@mail.example.co.uk",
    ])
  })

  test("any list of addresses is taken whole, however it is spaced", () => {
    const list = fc.uniqueArray(fc.emailAddress({ size: "small" }), {
      maxLength: 20,
      selector: (email) => email.toLowerCase(),
    })
    fc.assert(
      fc.property(list, fc.constantFrom(",", ", ", " ,\n"), (emails, separator) => {
        expect(chosen(emails.join(separator))).toEqual(emails)
      }),
    )
  })

  test.each([
    "anna",
    "anna@",
    "@example.com",
    "anna@example",
    "anna@example.com ben@example.com",
    "anna@example.com;ben@example.com",
    "Anna <anna@example.com>",
    "anna@exa mple.com",
    "anna@@example.com",
    `${"a".repeat(250)}@example.com`,
  ])("what is not an address is named: %j", (entry) => {
    expect(() => chosen(`ben@example.com, ${entry}`)).toThrow(JSON.stringify(entry))
    expect(() => chosen(`ben@example.com, ${entry}`)).not.toThrow("ben@example.com is")
  })

  test("every wrong address is named at once, with the variable it came from", () => {
    expect(() => chosenEmails({ OPS_EMAILS: "x, ops@example.com, y" }, "OPS_EMAILS")).toThrow(
      'OPS_EMAILS: not an e-mail address: "x", "y". Separate addresses by commas',
    )
  })

  test("twenty addresses are taken, more are refused", () => {
    const list = (count: number) => Array.from({ length: count }, (_, n) => `p${n}@example.com`).join(",")
    expect(chosen(list(20))).toHaveLength(20)
    expect(() => chosen(list(21))).toThrow("ALERT_EMAILS: 21 addresses, at most 20")
  })
})

describe("the topics of a list", () => {
  const topic = (name: string) => `arn:aws:sns:us-east-1:123456789012:${name}`
  const chosen = (CHANNEL_TOPIC_ARNS: string) => chosenTopics({ CHANNEL_TOPIC_ARNS }, "CHANNEL_TOPIC_ARNS")

  test("are those that it names, each once", () => {
    expect(chosen("")).toEqual([])
    expect(chosen(` ${topic("a")}, ${topic("b")},${topic("a")},`)).toEqual([topic("a"), topic("b")])
  })

  test.each(["topic", "*", `${topic("a")}*`, "arn:aws:sqs:us-east-1:123456789012:a"])(
    "%j is none",
    (entry) => {
      expect(() => chosen(`${topic("a")},${entry}`)).toThrow(
        `CHANNEL_TOPIC_ARNS: not the ARN of an SNS topic`,
      )
    },
  )

  test("are twenty at most", () => {
    expect(() => chosen(Array.from({ length: 21 }, (_, n) => topic(`t${n}`)).join())).toThrow("at most 20")
  })
})

test("only variables that are set are handed on, so that an empty one counts as not set", () => {
  const environment = { A: "1", B: "", C: "3" }
  expect(chosenVariables(environment, ["A", "B", "D"])).toEqual({ A: "1" })
})
