// The look of the widget: a sheet of its own that no page's rules reach into. The colours are those
// of the product's tokens.

const css = /* css */ `
:host {
  all: initial !important;
  position: fixed !important;
  right: max(20px, env(safe-area-inset-right)) !important;
  bottom: max(20px, env(safe-area-inset-bottom)) !important;
  z-index: 2147483000 !important;
  color-scheme: light dark !important;
  --paper: light-dark(#ffffff, #16181d);
  --canvas: light-dark(#f6f7f9, #101216);
  --line: light-dark(#e2e5eb, #2a2e37);
  --ink: light-dark(#171a21, #eceef2);
  --ink-2: light-dark(#5a6272, #a2aab8);
  --accent: light-dark(#2f5bea, #7c9bff);
  --on-accent: light-dark(#ffffff, #0d1223);
  --danger: light-dark(#c62b2b, #ff8a80);
  --danger-soft: light-dark(#fdecec, #3a1a1a);
  --shadow: 0 2px 6px rgb(0 0 0 / .12), 0 12px 36px rgb(0 0 0 / .18);
}
:host([data-look="light"]) { color-scheme: light !important; }
:host([data-look="dark"]) { color-scheme: dark !important; }
* { box-sizing: border-box; margin: 0; }
.root {
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  color: var(--ink);
}
button { font: inherit; color: inherit; cursor: pointer; border: 0; background: none; padding: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; display: block; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }

.launcher {
  width: 56px; height: 56px; border-radius: 28px; background: var(--accent); color: var(--on-accent);
  display: grid; place-items: center; box-shadow: var(--shadow); position: relative; margin-left: auto;
}
.launcher svg { width: 26px; height: 26px; }
.count {
  position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: var(--danger); color: var(--paper); font-size: 12px; line-height: 22px; text-align: center; font-weight: 600;
}
.panel {
  position: absolute; right: 0; bottom: 68px; width: 368px; height: min(600px, calc(100vh - 108px));
  background: var(--paper); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow);
  display: flex; flex-direction: column; overflow: hidden;
}
.top { display: flex; align-items: center; gap: 8px; padding: 12px 12px 12px 16px; border-bottom: 1px solid var(--line); }
.top h2 { font-size: 16px; font-weight: 600; flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.icon { width: 36px; height: 36px; border-radius: 8px; display: grid; place-items: center; color: var(--ink-2); flex: none; }
.icon:hover { background: var(--canvas); }
.bar { padding: 6px 16px; font-size: 12px; color: var(--ink-2); background: var(--canvas); border-bottom: 1px solid var(--line); }
.bar.bad { color: var(--danger); background: var(--danger-soft); }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px; background: var(--canvas); display: flex; flex-direction: column; gap: 4px; }
.empty { color: var(--ink-2); margin: auto; text-align: center; }
.row { display: flex; flex-direction: column; max-width: 84%; align-self: flex-start; align-items: flex-start; }
.row.mine { align-self: flex-end; align-items: flex-end; }
.row.first { margin-top: 8px; }
.name { font-size: 12px; color: var(--ink-2); padding: 0 4px 2px; }
.bubble {
  padding: 8px 12px; border-radius: 14px; background: var(--paper); border: 1px solid var(--line);
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.mine .bubble { background: var(--accent); border-color: transparent; color: var(--on-accent); }
.mine .bubble a { color: inherit; }
.bubble a { color: var(--accent); }
.waits .bubble { opacity: .65; }
.gone { font-style: italic; color: var(--ink-2); }
.mine .gone { color: inherit; opacity: .8; }
.under { font-size: 11px; color: var(--ink-2); padding: 2px 4px 0; display: flex; gap: 8px; }
.under button { color: var(--accent); text-decoration: underline; }
.under.bad { color: var(--danger); }
.picture { max-width: 100%; max-height: 220px; border-radius: 10px; display: block; margin: 2px 0; }
.card { display: flex; align-items: center; gap: 8px; text-align: left; margin: 2px 0; text-decoration: underline; overflow-wrap: anywhere; }
.card svg { flex: none; }
.choices { display: flex; flex-wrap: wrap; gap: 6px; padding-top: 8px; justify-content: flex-end; }
.choices button { border: 1px solid var(--accent); color: var(--accent); border-radius: 16px; padding: 5px 12px; background: var(--paper); }
.choices button:hover { background: var(--accent); color: var(--on-accent); }
.files { display: flex; flex-wrap: wrap; gap: 6px; padding: 8px 12px 0; font-size: 12px; }
.file { display: flex; align-items: center; gap: 4px; padding: 2px 4px 2px 8px; border: 1px solid var(--line); border-radius: 8px; max-width: 100%; overflow-wrap: anywhere; }
.file .icon { width: 24px; height: 24px; }
.file svg { width: 14px; height: 14px; }
.file.bad { color: var(--danger); border-color: var(--danger); }
.composer { display: flex; align-items: flex-end; gap: 4px; padding: 8px; border-top: 1px solid var(--line); }
textarea {
  flex: 1; resize: none; max-height: 128px; min-height: 36px; padding: 8px; border: 1px solid transparent; border-radius: 8px;
  font: inherit; color: inherit; background: var(--canvas); field-sizing: content;
}
textarea::placeholder { color: var(--ink-2); opacity: 1; }
.composer .send { color: var(--accent); }
.send:disabled { color: var(--ink-2); opacity: .5; cursor: default; }
@media (max-width: 480px) {
  .panel { position: fixed; inset: 0; width: auto; height: auto; border: 0; border-radius: 0; }
  .open .launcher { display: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: rise 140ms ease-out; }
  @keyframes rise { from { opacity: 0; transform: translateY(8px); } }
}
`

/** Lays the sheet on a shadow root. Adopted sheets need no leave of the page's style-src. */
export function dress(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
}
