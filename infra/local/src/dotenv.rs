//! Settings from a `.env` file, for whoever does not want to export them. The environment wins over the file.

/// `NAME=value` a line; `export` before it, quotes around the value and `#` comments are taken as a shell would.
/// A line that is none of these is named by its number.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut variables = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = || format!("line {number} is not NAME=value");
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=').ok_or_else(wrong)?;
        let name = name.trim();
        let sane = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(sane) || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(wrong());
        }
        let value = value_of(value.trim()).ok_or_else(|| format!("line {number} has a quote that does not end"))?;
        variables.push((name.to_owned(), value));
    }
    Ok(variables)
}

fn value_of(text: &str) -> Option<String> {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split_once(quote).map(|(value, _)| value.to_owned()),
        _ => Some(text.split(" #").next().unwrap_or_default().trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn lines_are_read_as_a_shell_would() {
        let text = "# the shop\nLISTEN=127.0.0.1:9090 # here\n\nexport APP_ENV = test\nA=\"two words # both\"\nB='x=y'\nC=\nD=a#b";
        let expected = [
            ("LISTEN", "127.0.0.1:9090"),
            ("APP_ENV", "test"),
            ("A", "two words # both"),
            ("B", "x=y"),
            ("C", ""),
            ("D", "a#b"),
        ];
        assert_eq!(parse(text).unwrap(), pairs(&expected));
    }

    #[test]
    fn a_line_nobody_understands_is_named() {
        assert_eq!(parse("A=1\nwhat is this").unwrap_err(), "line 2 is not NAME=value");
        assert_eq!(parse("1A=1").unwrap_err(), "line 1 is not NAME=value");
        assert!(parse("A=\"open").unwrap_err().contains("line 1"));
    }
}
