/** Days with as many calls as most teams have. */
import { testDays } from "./test-days.ts"

testDays("usual")
