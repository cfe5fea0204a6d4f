/**
 * What a typed client may ask: each operation of the description by its name there, with the schema of its answer, which is the one
 * that the route itself writes by.
 */
import type { ChannelInput } from "@earshot/core/channel/settings"
import type { RuleInput } from "@earshot/core/rule/rule"
import * as z from "zod"
import { AlertList, AlertView } from "./alert-view.ts"
import { TestView } from "./channel-test.ts"
import { ChannelView, UnreadableChannelView } from "./channel-view.ts"
import { DeliveryList } from "./delivery-view.ts"
import { PreviewView } from "./preview-view.ts"
import { RuleVersionList } from "./rule-history.ts"
import { ImportResult, RuleSet } from "./rule-set.ts"
import { RuleView, UnreadableRuleView } from "./rule-view.ts"
import type { AlertQuery, Saying } from "./route/alert.ts"
import { CallList } from "./route/call.ts"
import { Coverage, type CoverageQuery } from "./route/coverage.ts"
import { type DeliveryQuery, type Resend, Resent, SeenView } from "./route/delivery.ts"
import { ExplanationView } from "./route/explain.ts"
import { FieldList } from "./route/field.ts"
import { Health, PublicHealth } from "./health-view.ts"
import { Precision } from "./route/precision.ts"
import { RuleList } from "./route/rule.ts"
import { StatusView } from "./route/status.ts"
import { NewToken, TokenList } from "./route/token.ts"

/** A rule as a caller writes it: what is left out gets its default. */
export type RuleDraft = Pick<RuleInput, "name" | "when"> &
  Partial<RuleInput> & { note?: string; version?: number }

export type ChannelDraft = z.input<typeof ChannelInput>

/** A merge patch: null takes a field back to its default. */
export type PatchOf<Draft> = { [Key in keyof Draft]?: Draft[Key] | null }

/** What somebody says of an alert. */
export type AlertSaying = z.input<typeof Saying>

/** A saved rule by its id, or one that nobody has saved. */
export type PreviewRequest = ({ rule: RuleDraft } | { id: string }) & { days?: number }

/** A number is one, however it is sent. */
type QueryOf<Schema extends z.ZodType> = Omit<z.input<Schema>, "limit"> & { limit?: number }

export type AlertFilterQuery = QueryOf<typeof AlertQuery>

export type DeliveryFilterQuery = QueryOf<typeof DeliveryQuery>

export type CoverageSpanQuery = z.input<typeof CoverageQuery>

export type ResendRequest = z.input<typeof Resend>

const Rule = RuleView.or(UnreadableRuleView)

const Channel = ChannelView.or(UnreadableChannelView)

/** What each operation is in the description, and the schema of its answer. */
export const CLIENT_OPERATIONS = {
  listRules: { method: "GET", path: "/rules", answer: RuleList },
  createRule: { method: "POST", path: "/rules", answer: RuleView },
  readRule: { method: "GET", path: "/rules/{id}", answer: Rule },
  replaceRule: { method: "PUT", path: "/rules/{id}", answer: RuleView },
  editRule: { method: "PATCH", path: "/rules/{id}", answer: RuleView },
  deleteRule: { method: "DELETE", path: "/rules/{id}", answer: z.null() },
  snoozeRule: { method: "POST", path: "/rules/{id}/snooze", answer: RuleView },
  wakeRule: { method: "DELETE", path: "/rules/{id}/snooze", answer: RuleView },
  listRuleVersions: { method: "GET", path: "/rules/{id}/versions", answer: RuleVersionList },
  restoreRule: { method: "POST", path: "/rules/{id}/restore", answer: RuleView },
  readPrecision: { method: "GET", path: "/rules/{id}/precision", answer: Precision },
  exportRules: { method: "GET", path: "/rules/export", answer: RuleSet },
  importRules: { method: "PUT", path: "/rules/import", answer: ImportResult },
  previewRule: { method: "POST", path: "/rules/preview", answer: PreviewView },
  listFields: { method: "GET", path: "/fields", answer: FieldList },
  listAlerts: { method: "GET", path: "/alerts", answer: AlertList },
  readAlert: { method: "GET", path: "/alerts/{id}", answer: AlertView },
  acknowledgeAlert: { method: "POST", path: "/alerts/{id}/acknowledge", answer: AlertView },
  unacknowledgeAlert: { method: "DELETE", path: "/alerts/{id}/acknowledge", answer: AlertView },
  findCall: { method: "GET", path: "/calls/{reference}", answer: CallList },
  explainCall: { method: "GET", path: "/calls/{id}/explain", answer: ExplanationView },
  listChannels: { method: "GET", path: "/channels", answer: z.object({ channels: z.array(Channel) }) },
  createChannel: { method: "POST", path: "/channels", answer: ChannelView },
  readChannel: { method: "GET", path: "/channels/{id}", answer: Channel },
  replaceChannel: { method: "PUT", path: "/channels/{id}", answer: ChannelView },
  changeChannel: { method: "PATCH", path: "/channels/{id}", answer: ChannelView },
  deleteChannel: { method: "DELETE", path: "/channels/{id}", answer: z.null() },
  snoozeChannel: { method: "POST", path: "/channels/{id}/snooze", answer: ChannelView },
  wakeChannel: { method: "DELETE", path: "/channels/{id}/snooze", answer: ChannelView },
  testChannel: { method: "POST", path: "/channels/{id}/test", answer: TestView },
  readChannelTest: { method: "GET", path: "/channels/{id}/tests/{test}", answer: TestView },
  listDeliveries: { method: "GET", path: "/deliveries", answer: DeliveryList },
  seeDeliveries: { method: "POST", path: "/deliveries/seen", answer: SeenView },
  resendDeliveries: { method: "POST", path: "/deliveries/resend", answer: Resent },
  readHealth: { method: "GET", path: "/health", answer: Health.or(PublicHealth) },
  readStatus: { method: "GET", path: "/status", answer: StatusView },
  readCoverage: { method: "GET", path: "/coverage", answer: Coverage },
  listTokens: { method: "GET", path: "/tokens", answer: TokenList },
  createToken: { method: "POST", path: "/tokens", answer: NewToken },
  revokeToken: { method: "DELETE", path: "/tokens/{name}", answer: z.null() },
} as const
