/** The companies whose phones are answered by an agent, each with the stories that its callers bring. */
import type { Company } from "./story.ts"
import { AUTO_STORIES } from "./story/auto.ts"
import { DENTAL_STORIES } from "./story/dental.ts"
import { PLUMBING_STORIES } from "./story/plumbing.ts"
import { RENTAL_STORIES } from "./story/rental.ts"
import { RESTAURANT_STORIES } from "./story/restaurant.ts"
import { VET_STORIES } from "./story/vet.ts"

export const COMPANIES: readonly Company[] = [
  {
    name: "Quillfeather Dental",
    phone: "+15550190011",
    agent: { id: "0b6f4a52-9f0e-4a57-8d35-1b6a1f7c2e01", name: "Ivy, Quillfeather Dental" },
    agentName: "Ivy",
    colleague: "the front desk",
    hours: "Monday to Friday, eight to five, and every other Saturday until noon",
    stories: DENTAL_STORIES,
    weight: 5,
  },
  {
    name: "Oxbow Plumbing & Heating",
    phone: "+15550190022",
    agent: { id: "3d1c7a90-52b8-4e0f-a6c4-7e90d2b55b02", name: "Moss, Oxbow Plumbing & Heating" },
    agentName: "Moss",
    colleague: "the plumber on call",
    hours: "seven to six on weekdays, with somebody on call at night",
    stories: PLUMBING_STORIES,
    weight: 4,
  },
  {
    name: "The Copper Heron",
    phone: "+15550190033",
    agent: { id: "77e2b9d4-0c3a-4f6e-9b1d-c5a8f0e31c03", name: "Remy, The Copper Heron" },
    agentName: "Remy",
    colleague: "the shift manager",
    hours: "Tuesday to Sunday from five, the kitchen until ten",
    stories: RESTAURANT_STORIES,
    weight: 5,
  },
  {
    name: "Larkmoor Veterinary Clinic",
    phone: "+15550190044",
    agent: { id: "a1940ce6-8b27-4d19-bf52-02d6c7e94d04", name: "Tilly, Larkmoor Veterinary Clinic" },
    agentName: "Tilly",
    colleague: "the nurse on duty",
    hours: "eight to six, Saturdays until one",
    stories: VET_STORIES,
    weight: 3,
  },
  {
    name: "Brindlegate Rentals",
    phone: "+15550190055",
    agent: { id: "c86d05f3-6e41-4b7a-8e0c-99b3a4d72e05", name: "Hollis, Brindlegate Rentals" },
    agentName: "Hollis",
    colleague: "the property manager",
    hours: "nine to five on weekdays",
    stories: RENTAL_STORIES,
    weight: 3,
  },
  {
    name: "Saltmarsh Auto Service",
    phone: "+15550190066",
    agent: { id: "e4f7b218-d5a9-4c60-a37e-6f1c08b95f06", name: "Dex, Saltmarsh Auto Service" },
    agentName: "Dex",
    colleague: "the service advisor",
    hours: "half past seven to five thirty, Saturdays by appointment",
    stories: AUTO_STORIES,
    weight: 3,
  },
]
