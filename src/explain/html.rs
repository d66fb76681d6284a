//! Pages: one file each, readable on paper and on a telephone, without a script.

/// Light and dark by the reader's own setting; tables that scroll rather than break the page.
const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--yes:#18794e;--no:#c62a2f;--open:#8d6b00}
@media(prefers-color-scheme:dark){:root{--yes:#4cc38a;--no:#ff6369;--open:#f1a10d}}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid var(--line)}h3{font-size:1rem}
pre,code{font-family:ui-monospace,monospace;font-size:.85rem}
pre{background:var(--soft);padding:.75rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
ul.tree,ul.tree ul{list-style:none;padding-left:1.2rem;margin:.2rem 0}ul.tree{padding-left:0}
.yes{color:var(--yes)}.no{color:var(--no)}.open{color:var(--open)}.why{display:block;padding-left:2.2rem}.soft{opacity:.7}
summary{cursor:pointer}
@media print{body{max-width:none;font-size:11pt}details::details-content{content-visibility:visible;block-size:auto}tr,li{break-inside:avoid}h2,h3{break-after:avoid}a{color:inherit}}";

/// A whole page.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{}</title>\n\
         <style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape(title)
    )
}

/// Text as it may stand between tags and in attributes. Control characters that HTML forbids are shown as U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// Text as code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// A table of cells that are HTML already.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.map(|cell| format!("<{tag}>{cell}</{tag}>"));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let rows = rows.iter().map(|row| cells("td", &mut row.iter().map(String::as_str)));
    format!("<table>\n{}{}</table>\n", cells("th", &mut head.iter().copied()), rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_rule_says_cannot_become_markup() {
        assert_eq!(escape("<script>\"&'\u{1b}"), "&lt;script&gt;&quot;&amp;&#39;\u{fffd}");
        assert!(page("</title>", "").contains("&lt;/title&gt;"));
    }
}
