/**
 * Words that are no names, of those that begin sentences in a summary of a call or are written with a capital anyway. A word
 * with a capital that is not among them may be somebody's name. Words that are names too (Will, May, Mark, Grace) are left out.
 */
const PLAIN_WORDS = new Set(
  (
    "a an the this that these those there here it its it's he she they them his her hers their theirs we us our you your " +
    "i i'm i've i'd i'll my me who whom whose what when where which why how if as at by for from in into of off on onto " +
    "out over to toward towards under up upon via with within without about above across after against along among " +
    "around before behind below beside besides between beyond despite down during except inside instead near outside " +
    "per regarding concerning since through throughout until while whereas although though because due and or nor but so " +
    "yet then than also however therefore thus hence additionally moreover furthermore overall finally eventually " +
    "initially meanwhile later next previously recently currently now today tomorrow yesterday afterward afterwards " +
    "further again once twice still already only even just both either neither each every some any all most many much " +
    "more less several few other another such same no not none nobody nothing never always yes ok okay please thanks " +
    "one two three four five six seven eight nine ten first second third last new old good bad " +
    "caller callers caller's customer customers customer's client clients client's user users patient patients guest " +
    "guests tenant tenants member members person people someone somebody anyone everybody everyone agent agents agent's " +
    "assistant bot ai representative operator receptionist technician manager supervisor staff team company business " +
    "office store shop system service services line call calls called calling callback conversation transfer transfers " +
    "transferred appointment appointments reservation reservations booking bookings order orders refund refunds payment " +
    "payments deposit deposits account accounts invoice invoices bill message messages voicemail email e-mail emails text " +
    "phone number numbers name address tool tools issue issues problem problems complaint complaints request requests " +
    "question questions answer answers summary outcome result results note notes detail details reason topic purpose " +
    "sentiment score spam silence silent wrong short long brief upset angry frustrated happy unhappy satisfied " +
    "dissatisfied calm confused " +
    "asked asks asking wanted wants needed needs requested inquired inquires enquired reported reports complained " +
    "complains said says stated states mentioned mentions explained explains expressed confirmed confirms cancelled " +
    "canceled booked scheduled rescheduled placed ordered sought seeking left leaves hung hangs spoke speaks tried tries " +
    "attempted attempts refused refuses declined accepted agreed provided provides gave gives received got made makes " +
    "took takes sent sends promised promises offered offers apologized apologised resolved unresolved unable was were is " +
    "are am be been being has have had having does do did done could would should can cannot can't couldn't didn't " +
    "doesn't don't wasn't weren't isn't aren't won't wouldn't checked checking looked looking updated changed moved " +
    "verified discussed described informed advised told tells demanded demands insisted threatened followed following " +
    "error errors server gateway timeout timed connection refused internal unavailable forbidden found unauthorized request " +
    "plan insurance warranty delivery technical support sales billing emergency " +
    "escalated answered unanswered waited waiting failed fails " +
    "id sms pin eta faq vip tv pc us usa u.s uk am pm utc gmt est edt cst cdt mst mdt pst pdt gps pdf url api atm hvac mri " +
    "covid wifi wi-fi google internet english spanish french german"
  ).split(" "),
)

const DATE_WORDS = new Set(
  (
    "monday tuesday wednesday thursday friday saturday sunday january february march july september october november " +
    "december"
  ).split(" "),
)

/** These are first names as well: only where a date is likely. */
const NAMED_MONTHS = new Set(["april", "may", "june", "august"])

const BEFORE_DATE = /(?:\b(?:in|early|late|mid|next|last|this|until|since)|\d(?:st|nd|rd|th)?(?: of)?)[ -]$/i

const NOWHERE = { before: "", after: "" }

/** Whether the word, which has a capital, says nothing of who anybody is. */
export function isPlainWord(word: string, { before, after } = NOWHERE): boolean {
  const plain = word.toLowerCase().replaceAll("’", "'")
  const bare = plain.replace(/'s$/, "")
  if (PLAIN_WORDS.has(plain) || PLAIN_WORDS.has(bare) || DATE_WORDS.has(bare)) return true
  return NAMED_MONTHS.has(bare) && (BEFORE_DATE.test(before) || /^ \d/.test(after))
}

/** Words in lower case that are somebody's name as well: they stay, even in a call of somebody with that name. */
const COMMON_WORDS = new Set(
  (
    "will may mark bill grace hope joy faith rose art drew frank gene jack josh sue don pat ray rob sky summer young king " +
    "price cook baker miller white black brown green gray grey long short rich case chase chance page day dean duke earl " +
    "gay guy hunter iris ivy jade jasmine jean jewel jim job june april august major marshal max miles nick norm olive " +
    "park parker pearl penny porter rusty ruby sandy skip stone story taylor tanner temple terry tom trip wade walker " +
    "ward west woods wren dawn daisy lily holly heath glen forest dale cliff brook bell ash in on so do an no the to of a " +
    "it as we my is or and you he she"
  ).split(" "),
)

export function isCommonWord(word: string): boolean {
  return COMMON_WORDS.has(word) || PLAIN_WORDS.has(word)
}
