//! How mail of an order looks, as text and as HTML: what it says, the goods and their sums, some facts, and where to see
//! more. What customers or managers typed is within it: none of it is markup, and none begins a line of its own.

pub struct Page {
    /// The first goes on after "Hello,".
    pub says: Vec<String>,
    /// What, and how much it is.
    pub goods: Vec<(String, String)>,
    pub sums: Vec<(&'static str, String)>,
    pub facts: Vec<(&'static str, String)>,
    pub link: String,
}

const FONT: &str = "font-family: system-ui, sans-serif; font-size: 16px; line-height: 1.5; color: #1b1b1b";
const RIGHT: &str = "text-align: right; padding-left: 24px; white-space: nowrap";

impl Page {
    pub fn text(&self) -> String {
        let goods: Vec<_> = self.goods.iter().map(|(what, sum)| named(what, sum)).collect();
        let sums: Vec<_> = self.sums.iter().map(|(name, sum)| named(name, sum)).collect();
        let facts: Vec<_> = self.facts.iter().map(|(name, fact)| named(name, fact)).collect();
        let says = self.says.iter().map(|said| one_line(said));
        let parts = says.chain([goods, sums, facts].map(|lines| lines.join("\n")));
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        format!("Hello,\n\n{}\n\n{}\n", parts.join("\n\n"), one_line(&self.link))
    }

    pub fn html(&self) -> String {
        let says: String = self.says.iter().map(|said| format!("<p>{}</p>\n", escaped(said))).collect();
        let row = |name: &str, sum: &str, style: &str| {
            format!("<tr{style}><td>{}</td><td style=\"{RIGHT}\">{}</td></tr>\n", escaped(name), escaped(sum))
        };
        let goods: String = self.goods.iter().map(|(what, sum)| row(what, sum, "")).collect();
        let last = self.sums.len().saturating_sub(1);
        let bold = |i| if i == last { " style=\"font-weight: bold\"" } else { "" };
        let sums: String = self.sums.iter().enumerate().map(|(i, (name, sum))| row(name, sum, bold(i))).collect();
        let facts: Vec<_> = self.facts.iter().map(|(name, fact)| format!("{name}: {}", escaped(fact))).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"></head>\n<body style=\"{FONT}\">\n\
             <p>Hello,</p>\n{says}<table style=\"border-collapse: collapse\">\n{goods}\
             <tr><td colspan=\"2\"><hr></td></tr>\n{sums}</table>\n<p>{}</p>\n\
             <p><a href=\"{}\">See your order</a></p>\n</body>\n</html>\n",
            facts.join("<br>\n"),
            escaped(&self.link),
        )
    }
}

fn named(name: &str, value: &str) -> String {
    format!("{}: {}", one_line(name), one_line(value))
}

fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
