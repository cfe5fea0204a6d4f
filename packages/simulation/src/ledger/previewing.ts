/**
 * Preview held against the engine: at the end of a simulation each rule that nobody changed during a call is tried on the call's
 * record, and must come to what the engine did: it raised that reason, or it did not. Where preview says that it cannot tell, the
 * engine may have done either, but that must be rare. Of a part of the calls the explanation is held against what was seen as well.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import { CHANNEL_IDS } from "@earshot/core/channel/channel"
import { knownAtEach } from "@earshot/core/call/trail"
import { type Instant, MINUTE } from "@earshot/core/instant"
import { explain } from "@earshot/core/preview/explanation"
import { createPreview } from "@earshot/core/preview/preview"
import { replay } from "@earshot/core/preview/replay"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { type CompiledRule, compileRules } from "@earshot/core/rule/rule"
import type { Store } from "@earshot/io/store/store"
import type { RuleVersion } from "../truth/rule.ts"
import type { Traffic } from "../truth/traffic.ts"
import { reasonName, wasAlerted } from "./account.ts"
import type { Findings } from "./books.ts"

/** A process may use a rule for this long after it was edited, and must use the new one after that. */
const EDIT_MS = 3 * MINUTE

/** Of many calls, so many in a thousand may be such that nobody kept what was known of them at some time. */
const UNKEPT_PER_MILLE_MAX = 20

const UNKEPT_MIN = 5

/** Of so many calls, one is explained. */
const EXPLAIN_EVERY = 5

type Previewing = {
  traffic: Traffic
  now: Instant
  versions: readonly RuleVersion[]
  /** Whether a clock may have been wrong in this time: what was known when is not known then. */
  isMistimed: (from: Instant, to: Instant) => boolean
}

export async function checkPreviews(store: Store, findings: Findings, previewing: Previewing): Promise<void> {
  const records = await allRecords(store)
  records.forEach((record, index) => {
    if (index % EXPLAIN_EVERY === 0) checkExplained(findings, record, previewing)
  })
  const lives = new Map(records.flatMap((record) => lifeOf(record, previewing) ?? []))
  for (const version of previewing.versions) {
    const rule = compiled(version)
    if (!rule) continue
    const unchanged = [...lives].filter(([, { from, to }]) => {
      return version.from + EDIT_MS <= from && to <= version.until - EDIT_MS
    })
    checkRule(
      findings,
      rule,
      unchanged.map(([record]) => record),
    )
  }
}

function checkRule(findings: Findings, rule: CompiledRule, records: readonly CallRecord[]): void {
  const name = reasonName({ ruleId: rule.id, version: rule.version })
  const preview = createPreview({ rule, saved: null, channels: [] })
  let matched = 0
  let unkept = 0
  for (const record of records) {
    preview.add(record)
    const replayed = replay(rule, record)
    const isRaised = record.alert?.reasons.some((reason) => reasonName(reason) === name) ?? false
    const isUnkept = replayed.kind === "untold" && replayed.why === "not-kept"
    if (isUnkept) unkept++
    if (replayed.kind === "matched") matched++
    if (isUnkept || isRaised === (replayed.kind === "matched")) continue
    const what = isRaised ? "raised it" : "did not raise it"
    findings.violated(
      `preview says ${JSON.stringify(replayed.kind)} of ${name} and call ${record.callId}; the engine ${what}`,
    )
  }
  const result = preview.result()
  if (result.calls !== records.length || result.matches !== matched)
    findings.violated(
      `preview of ${name} counts ${result.matches} of ${result.calls} calls, not ${matched} of ${records.length}`,
    )
  if (unkept > Math.max(UNKEPT_MIN, (records.length * UNKEPT_PER_MILLE_MAX) / 1000))
    findings.violated(
      `preview of ${name} cannot tell of ${unkept} of ${records.length} calls what was known when`,
    )
}

/** What is said of a call, held against what the ledger saw: whether it was alerted, by what, and where. */
function checkExplained(
  findings: Findings,
  record: CallRecord,
  { traffic, versions, now }: Previewing,
): void {
  const call = traffic.call(record.callId)
  if (!call || record.isTest) return
  const known = versions.flatMap((version) => compiled(version) ?? [])
  const explained = explain(record, { inForce: [], earlier: known, off: new Map(), channels: [], now })
  const raised = new Set(call.account.reasons?.keys())
  if (explained.isAlerted !== raised.size > 0)
    findings.violated(
      `call ${record.callId} is explained as ${explained.isAlerted ? "" : "not "}alerted, and was otherwise`,
    )
  for (const { id, version, why } of explained.rules) {
    const name = version === null ? null : reasonName({ ruleId: id, version })
    if (name !== null && why.startsWith("It matched at") !== raised.has(name))
      findings.violated(
        `${name} is explained of call ${record.callId} with “${why}”, and the engine did otherwise`,
      )
  }
  for (const channel of CHANNEL_IDS) {
    const isSent = explained.deliveries.some((one) => one.channel === channel && one.state === "sent")
    if (isSent && !wasAlerted(call, channel))
      findings.violated(`call ${record.callId} is explained as sent to ${channel}, where nothing arrived`)
  }
}

/** From when to when the call was judged. Null: nobody knows, or by clocks that were wrong. */
function lifeOf(
  record: CallRecord,
  { isMistimed }: Previewing,
): [[CallRecord, { from: Instant; to: Instant }]] | null {
  const known = knownAtEach(record)
  if (!known || record.isTest) return null
  const times = known.flatMap(({ at, facts }) => [at, facts.firstSeenAt])
  const life = { from: Math.min(...times), to: Math.max(...times) }
  return isMistimed(life.from, life.to) ? null : [[record, life]]
}

function compiled({ ruleId, version, rule }: RuleVersion): CompiledRule | null {
  const known = rule ?? DEFAULT_RULES.find(({ id }) => id === ruleId)
  if (!known || known.mode !== "live" || known.version !== version) return null
  return compileRules([known])[0] ?? null
}

const PAGES_MAX = 10_000

async function allRecords(store: Store): Promise<CallRecord[]> {
  const all: CallRecord[] = []
  let after: string | null = ""
  for (let page = 0; after !== null && page < PAGES_MAX; page++) {
    const { records, next }: Awaited<ReturnType<Store["readRecords"]>> = await store.readRecords({
      since: 0,
      after,
      before: null,
    })
    all.push(...records)
    after = next
  }
  return all
}
