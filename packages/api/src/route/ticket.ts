/**
 * The page that the links in messages open: it says which alert, in no more words than a channel with minimal privacy is shown, and
 * has buttons to acknowledge it. Mail programs and chat open links by themselves, so opening it changes nothing; the form does. It has
 * no script, loads nothing, and no search engine may keep it.
 */
import type { CallRecord } from "@earshot/core/alert/call-record"
import type { Instant } from "@earshot/core/instant"
import { readTicket } from "@earshot/io/channel/ticket"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import { acknowledgeAlert } from "../acknowledge.ts"
import { findAlert, findReferred } from "../find-alert.ts"
import { POLICY, alertPage, sorryPage } from "../ticket-page.ts"
import { Saying } from "./alert.ts"

/** `keyText`: what tickets are signed with; null: there are none. */
export function ticketRoutes(world: World, store: Store, keyText: string | null): Hono {
  const routes = new Hono()

  routes.get("/:ticket", async (context) => {
    const record = await recordOf(context)
    return record
      ? answer(context, alertPage(record), 200)
      : answer(context, sorryPage("This link is not valid any more."), 404)
  })

  routes.post("/:ticket", async (context) => {
    const record = await recordOf(context)
    if (!record) return answer(context, sorryPage("This link is not valid any more."), 404)
    const said = sayingIn(await context.req.text())
    if (!said)
      return answer(context, sorryPage("Nothing was saved: go back, and give your name in one line."), 400)
    const next = await acknowledgeAlert(world, store, record.callId, said)
    if (!next) return answer(context, sorryPage("This alert has just expired."), 404)
    // To the same page, which then says what was saved: reloading it saves nothing again.
    context.header("location", context.req.param("ticket"))
    return answer(context, alertPage(next), 303)
  })

  async function recordOf(context: Context): Promise<CallRecord | null> {
    const text = context.req.param("ticket") ?? ""
    const now: Instant = world.now()
    const ticket = keyText === null ? null : readTicket(keyText, text, now)
    if (!ticket) return null
    const found =
      ticket.kind === "id" ? await findAlert(store, ticket.alert) : await findReferred(store, ticket.alert)
    return found.ok ? found.record : null
  }

  return routes
}

/** What a form of ours sends; null for anything else. */
function sayingIn(body: string) {
  const form = new URLSearchParams(body)
  const textOf = (name: string) => form.get(name)?.trim() || null
  const verdict = textOf("verdict")
  const said = Saying.safeParse({
    by: textOf("by"),
    note: textOf("note"),
    verdict: verdict === "seen" ? null : verdict,
  })
  return verdict !== null && said.success ? said.data : null
}

function answer(context: Context, page: string, status: 200 | 303 | 400 | 404): Response {
  context.header("content-security-policy", POLICY)
  context.header("cache-control", "no-store")
  context.header("referrer-policy", "no-referrer")
  context.header("x-robots-tag", "noindex, nofollow")
  return context.html(page, status)
}
