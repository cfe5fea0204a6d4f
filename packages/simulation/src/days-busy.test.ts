/** Days and hours with many calls, and with more than the vendor's limits allow to be asked about. */
import { testDays } from "./test-days.ts"

testDays("busy")
