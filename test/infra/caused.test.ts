/** Causes what alarms watch, in the local world. */
import { test } from "vitest"
test("x", () => {})
