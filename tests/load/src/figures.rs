//! Tables of figures, and their place in docs/performance.md: between the marks, the rest of the page is written by
//! hand.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

pub struct Table {
    pub name: &'static str,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(name: &'static str, columns: &[&'static str]) -> Self {
        Table { name, columns: columns.iter().map(|column| (*column).to_owned()).collect(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub fn text(&self) -> String {
        let mut text =
            format!("### {}\n\n| {} |\n|{}\n", self.name, self.columns.join(" | "), "---|".repeat(self.columns.len()));
        for row in &self.rows {
            text.push_str(&format!("| {} |\n", row.join(" | ")));
        }
        text
    }
}

/// `of` names the marks: each command has its own.
pub fn write(of: &str, tables: &[Table]) -> io::Result<PathBuf> {
    let path = root().join("docs/performance.md");
    let page = std::fs::read_to_string(&path)?;
    let (begin_mark, end_mark) =
        (format!("<!-- figures of `{of}` begin -->"), format!("<!-- figures of `{of}` end -->"));
    let (Some(begin), Some(end)) = (page.find(&begin_mark), page.find(&end_mark)) else {
        return Err(io::Error::other("the marks are not in it"));
    };
    let figures: Vec<_> = tables.iter().map(Table::text).collect();
    let page = format!("{}{begin_mark}\n\n{}\n{}", &page[..begin], figures.join("\n"), &page[end..]);
    std::fs::write(&path, page)?;
    Ok(path)
}

pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

pub fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1_000.0)
}

pub fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1_000_000.0)
}

/// The value below which this share of the sorted values lies.
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(place).copied().unwrap_or_default()
}
