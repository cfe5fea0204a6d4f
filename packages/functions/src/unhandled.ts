/**
 * The last line of defence of a process. On Lambda, a rejection that nobody handles ends the process without an answer and without
 * a line that a search of the log would find. Tests find none; should there be one all the same, it is logged like everything else.
 */
import { type World, errorCode } from "@earshot/io/world"

let isListening = false

/** Logs every rejection that nobody handles, and lets the process go on. */
export function logUnhandled(world: World): void {
  if (isListening) return
  isListening = true
  process.on("unhandledRejection", (reason) => {
    const error = reason instanceof Error ? reason.name : typeof reason
    // Not the message, which may quote what was asked. The place tells where to look.
    const where = reason instanceof Error ? (reason.stack?.split("\n")[1]?.trim() ?? null) : null
    world.log({ level: "error", event: "unhandled", error, code: errorCode(reason), where })
  })
}
