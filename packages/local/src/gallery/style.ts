/** How the gallery looks: Slack in its colours and sizes, a mail as a mail program shows it. Fonts are those of this machine. */
export const GALLERY_STYLE = `
body { margin: 0; background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "Noto Sans", Helvetica, Arial, sans-serif; }
h1, .about { margin: 20px 24px 0; }
h1 { font-size: 24px; }
article { padding: 16px 24px; width: max-content; }
h2 { margin: 0 0 8px; font-size: 20px; }
.grid { display: grid; grid-template-columns: repeat(3, 440px); gap: 14px 16px; align-items: start; }
section { min-width: 0; }
h4 { margin: 0 0 4px; font-size: 13px; color: #616061; font-weight: 600; }
.slack, .mail { border: 1px solid #ddd; border-radius: 6px; padding: 10px 12px; overflow-wrap: anywhere; }
.slack { position: relative; padding-left: 58px; }
.avatar { position: absolute; left: 12px; top: 14px; width: 36px; height: 36px; }
.avatar rect { fill: #3f2a63; }
.avatar path { fill: none; stroke: #fff; stroke-width: 2; stroke-linecap: round; }
.slack .from { line-height: 22px; }
.app { background: #e8e8e8; border-radius: 2px; padding: 1px 3px; font-size: 10px; font-weight: 700; color: #616061; vertical-align: 2px; }
.from time { color: #616061; font-size: 12px; }
.slack h3 { margin: 4px 0 8px; font-size: 18px; line-height: 1.33; }
.slack p { margin: 8px 0; white-space: pre-wrap; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 12px; margin: 8px 0; }
.fields p { margin: 0; }
.context { display: flex; flex-wrap: wrap; gap: 4px 12px; margin: 8px 0 2px; font-size: 12px; line-height: 1.5; color: #616061; }
a { color: #1264a3; text-decoration: none; }
.mail { font-family: Arial, "Liberation Sans", sans-serif; }
.mail h3 { margin: 0 0 2px; font-size: 16px; font-weight: 600; }
.mail .from { font-size: 12px; color: #616061; margin-bottom: 8px; }
.mail pre { margin: 0; font: 12px/1.45 Arial, "Liberation Sans", sans-serif; white-space: pre-wrap; }
#alert { width: 680px; padding-bottom: 8px; }
#alert header { padding: 12px 20px; font-size: 18px; border-bottom: 1px solid #ddd; }
#alert .day { text-align: center; margin: 14px 0 2px; background: linear-gradient(#ddd, #ddd) center / 100% 1px no-repeat; }
#alert .day span { border: 1px solid #ddd; border-radius: 12px; background: #fff; padding: 3px 14px; font-size: 13px; font-weight: 700; }
#alert .slack { border: 0; padding: 8px 20px 8px 66px; }
#alert .avatar { left: 20px; }
`
