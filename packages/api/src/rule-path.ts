/** What the document says of the routes under /rules. */
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { RuleId } from "@earshot/core/rule/rule"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { conditionSchema } from "./condition-schema.ts"
import { json, problems } from "./operation.ts"
import { previewPaths } from "./route/preview.ts"
import { RuleBody, RuleList } from "./route/rule.ts"
import { RuleView, UnreadableRuleView } from "./rule-view.ts"
import { snoozePaths } from "./snooze.ts"

export function rulePaths(): ZodOpenApiPathsObject {
  const { Rule, UnreadableRule, RuleInput, RuleList } = describedSchemas()
  const requestBody = {
    required: true,
    content: { "application/json": { schema: RuleInput, example: EXAMPLE } },
  }
  const always = problems(401, 500, 503)
  const edit = { tags: ["rules"], requestParams: { path: IdParameter, header: IfMatch } }
  return {
    "/rules": {
      get: {
        operationId: "listRules",
        tags: ["rules"],
        summary: "List the rules in force, sorted by id",
        responses: { 200: json(RuleList, "The rules."), ...always },
      },
      post: {
        operationId: "createRule",
        tags: ["rules"],
        summary: "Add a rule",
        requestBody,
        responses: {
          201: json(
            Rule,
            "The new rule, at version 1, or at the next version if its id was deleted before.",
            Located,
          ),
          ...problems(400, 409, 413),
          ...always,
        },
      },
    },
    "/rules/{id}": {
      get: {
        operationId: "readRule",
        tags: ["rules"],
        summary: "Read a rule",
        requestParams: { path: IdParameter },
        responses: {
          200: json(z.union([Rule, UnreadableRule]), "The rule.", Versioned),
          ...problems(404),
          ...always,
        },
      },
      put: {
        operationId: "replaceRule",
        summary: "Replace a rule, or add one with this id",
        ...edit,
        requestBody,
        responses: {
          200: json(Rule, "The rule, at its next version.", Versioned),
          201: json(Rule, "The new rule; there was none with this id.", Located),
          ...problems(400, 409, 412, 413),
          ...always,
        },
      },
      delete: {
        operationId: "deleteRule",
        summary: "Delete a rule. A default rule stays deleted.",
        ...edit,
        responses: { 204: { description: "It is deleted." }, ...problems(404, 409, 412, 413), ...always },
      },
    },
    ...previewPaths(RuleInput),
    "/rules/{id}/snooze": snoozePaths({ noun: "rule", schema: Rule, edit, versioned: Versioned }),
  }
}

const EXAMPLE = {
  name: "Long and angry",
  severity: "critical",
  when: { duration: { gte: 120 }, "sentiment.angry": { gte: 0.4 } },
}

const IdParameter = z.object({ id: RuleId.meta({ description: "The rule's id.", example: "low-score" }) })

const IfMatch = z.object({
  "If-Match": z
    .string()
    .optional()
    .describe("The ETag of the version that you read; the edit is refused if there is a newer one."),
})

const Versioned = z.object({ etag: z.string().describe("The rule's version, for If-Match.") })

const Located = Versioned.extend({ location: z.string().describe("The rule's address.") })

/** The schemas above with names of their own, and with what a condition may say, which only code can check. */
function describedSchemas() {
  const override = conditionSchema("#/components/schemas/Condition")
  const Condition = z.unknown().meta({ id: "Condition", override })
  const example = RuleView.optional().parse(DEFAULT_RULES.find((rule) => rule.id === "low-score"))
  const Rule = RuleView.extend({ when: Condition }).meta({ id: "Rule", examples: [example] })
  const RuleInput = RuleBody.extend({ when: Condition }).meta({ id: "RuleInput" })
  const UnreadableRule = UnreadableRuleView.meta({ id: "UnreadableRule" })
  const rules = z.array(z.union([Rule, UnreadableRule]))
  return { Rule, UnreadableRule, RuleInput, RuleList: RuleList.extend({ rules }).meta({ id: "RuleList" }) }
}
