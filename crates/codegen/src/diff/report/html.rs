//! The report as one page.

use super::{CLASSES, summary};
use crate::diff::{Change, Diff};
use crate::escape::html as escape;

/// The script hides what the boxes and the text field leave out, and keeps both in the address, so that a view can be linked
/// to: `#class=major,minor&text=group`. Without it, everything is shown.
const SCRIPT: &str = r##"
const rows = [...document.querySelectorAll("tbody tr")];
const shown = document.getElementById("shown");
const text = document.getElementById("text");
const boxes = [...document.querySelectorAll("input[type=checkbox]")];
function filter() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const classes = new Set(boxes.filter(box => box.checked).map(box => box.value));
  let count = 0;
  for (const row of rows) {
    const content = row.dataset.text;
    const visible = classes.has(row.dataset.class) && words.every(word => content.includes(word));
    row.hidden = !visible;
    if (visible) count += 1;
  }
  shown.textContent = count + " of " + rows.length;
}
function read() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  if (wanted.has("text")) text.value = wanted.get("text");
  if (wanted.has("class")) {
    const classes = wanted.get("class").split(",");
    for (const box of boxes) box.checked = classes.includes(box.value);
  }
  filter();
}
function write() {
  const classes = boxes.filter(box => box.checked).map(box => box.value).join(",");
  history.replaceState(null, "", "#" + new URLSearchParams({ class: classes, text: text.value }));
  filter();
}
text.addEventListener("input", write);
for (const box of boxes) box.addEventListener("change", write);
for (const row of rows) row.dataset.text = row.textContent.toLowerCase();
addEventListener("hashchange", read);
read();
"##;

const STYLE: &str = "
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
form { position: sticky; top: 0; background: Canvas; padding: .6rem 0; display: flex; gap: 1rem; flex-wrap: wrap; align-items: center; }
input[type=search] { flex: 1; min-width: 12rem; padding: .35rem .5rem; font: inherit; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .35rem .6rem; border-top: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); }
td.place { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
td.why { color: color-mix(in srgb, CanvasText 65%, Canvas); }
.major { color: light-dark(#b00020, #ff8a80); } .minor { color: light-dark(#1b5e20, #81c784); }
.behavioural { color: light-dark(#8a5300, #ffcc80); }
";

pub(super) fn page(diff: &Diff) -> String {
    let boxes: Vec<String> = CLASSES
        .iter()
        .map(|class| {
            let checked = if class.name() == "patch" { "" } else { " checked" };
            format!(
                "<label class=\"{class}\"><input type=\"checkbox\" value=\"{class}\"{checked}> {class} ({})</label>\n",
                diff.count(*class)
            )
        })
        .collect();
    let boxes = boxes.concat();
    let rows: Vec<String> = diff.changes.iter().map(row).collect();
    let rows = rows.concat();
    let (old, new) = (escape(&diff.old), escape(&diff.new));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{old} → {new}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{old} → {new}</h1>\n<p>{}</p>\n<form onsubmit=\"return false\">\n\
         <input type=\"search\" id=\"text\" placeholder=\"words to look for\" aria-label=\"words to look for\">\n{boxes}\
         <output id=\"shown\"></output>\n</form>\n<table>\n<thead><tr><th>class</th><th>where</th><th>what</th><th>why</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escape(&summary(diff))
    )
}

fn row(change: &Change) -> String {
    let Change { class, kind, place, what, why, .. } = change;
    format!(
        "<tr data-class=\"{class}\" title=\"{kind}\"><td class=\"{class}\">{class}</td><td class=\"place\">{}</td><td>{}</td><td class=\"why\">{}</td></tr>\n",
        escape(place),
        escape(what),
        escape(why)
    )
}
