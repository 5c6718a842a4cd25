//! YAML as a person would write it: blocks, and one line for what is short and plain. Writes only what CloudFormation
//! templates need; it reads nothing.

use std::fmt::Write as _;

const WIDTH: usize = 120;

#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    Text(String),
    Number(i64),
    Decimal(&'static str),
    Flag(bool),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
    /// CloudFormation's short forms: `!Ref Table`.
    Tag(&'static str, Box<Yaml>),
}

/// `map! { "Type" => "String", "Default" => 30 }`
#[macro_export]
macro_rules! map {
    ($($key:expr => $value:expr),* $(,)?) => {
        $crate::yaml::Yaml::Map(vec![$(($key.to_string(), $crate::yaml::Yaml::from($value))),*])
    };
}

#[macro_export]
macro_rules! list {
    ($($value:expr),* $(,)?) => { $crate::yaml::Yaml::List(vec![$($crate::yaml::Yaml::from($value)),*]) };
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Yaml::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Yaml::Text(text)
    }
}

impl From<i64> for Yaml {
    fn from(number: i64) -> Self {
        Yaml::Number(number)
    }
}

impl From<i32> for Yaml {
    fn from(number: i32) -> Self {
        Yaml::Number(number.into())
    }
}

impl From<u32> for Yaml {
    fn from(number: u32) -> Self {
        Yaml::Number(number.into())
    }
}

impl From<bool> for Yaml {
    fn from(flag: bool) -> Self {
        Yaml::Flag(flag)
    }
}

impl From<Vec<Yaml>> for Yaml {
    fn from(items: Vec<Yaml>) -> Self {
        Yaml::List(items)
    }
}

pub fn reference(name: &str) -> Yaml {
    Yaml::Tag("!Ref", Box::new(name.into()))
}

pub fn attribute(name: &str) -> Yaml {
    Yaml::Tag("!GetAtt", Box::new(name.into()))
}

pub fn substitute(text: impl Into<String>) -> Yaml {
    Yaml::Tag("!Sub", Box::new(text.into().into()))
}

/// `!If [condition, then, otherwise]`
pub fn choose(condition: &str, then: Yaml, otherwise: Yaml) -> Yaml {
    Yaml::Tag("!If", Box::new(list![condition, then, otherwise]))
}

impl Yaml {
    /// The entries of a map, for adding to it. Nothing else has any.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<Yaml>) {
        if let Yaml::Map(entries) = self {
            entries.push((key.into(), value.into()));
        }
    }

    pub fn with(mut self, key: impl Into<String>, value: impl Into<Yaml>) -> Self {
        self.push(key, value);
        self
    }

    pub fn get(&self, key: &str) -> Option<&Yaml> {
        let Yaml::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub fn entries(&self) -> &[(String, Yaml)] {
        if let Yaml::Map(entries) = self { entries } else { &[] }
    }

    /// A document: an empty line between the sections and between the resources of one.
    pub fn document(&self, header: &str) -> String {
        let mut out = format!("# {header}\n");
        for (name, section) in self.entries() {
            if matches!(section, Yaml::Map(_)) {
                out.push('\n');
            }
            let _ = write!(out, "{name}:");
            if name != "Resources" {
                section.after_key(&mut out, 0, name.len() + 1);
                continue;
            }
            for (nth, (id, resource)) in section.entries().iter().enumerate() {
                out.push_str(if nth == 0 { "\n" } else { "\n\n" });
                let _ = write!(out, "  {id}:");
                resource.block(&mut out, 2);
                out.truncate(out.trim_end().len());
            }
            out.push('\n');
        }
        out
    }

    fn after_key(&self, out: &mut String, indent: usize, column: usize) {
        match self.line().filter(|line| column + 1 + line.chars().count() <= WIDTH) {
            Some(line) => {
                let _ = writeln!(out, " {line}");
            }
            None => self.block(out, indent),
        }
    }

    /// Over several lines; `out` stands behind a key, a dash or a tag of that indent.
    fn block(&self, out: &mut String, indent: usize) {
        let pad = " ".repeat(indent + 2);
        match self {
            Yaml::Map(entries) => {
                out.push('\n');
                for (key, value) in entries {
                    let _ = write!(out, "{pad}{}:", scalar(key));
                    value.after_key(out, indent + 2, pad.len() + key.len() + 1);
                }
            }
            Yaml::List(items) => {
                out.push('\n');
                for item in items {
                    let _ = write!(out, "{pad}-");
                    item.after_dash(out, indent + 2);
                }
            }
            Yaml::Tag(tag, inner) => {
                let _ = write!(out, " {tag}");
                inner.block(out, indent);
            }
            // A scalar longer than a line stays on its line.
            _ => {
                let _ = writeln!(out, " {}", self.flow());
            }
        }
    }

    fn after_dash(&self, out: &mut String, indent: usize) {
        if let Some(line) = self.line().filter(|line| indent + 2 + line.chars().count() <= WIDTH) {
            let _ = writeln!(out, " {line}");
            return;
        }
        // A map begins on the line of its dash.
        let Yaml::Map(entries) = self else { return self.block(out, indent) };
        for (nth, (key, value)) in entries.iter().enumerate() {
            let lead = if nth == 0 { " ".to_owned() } else { " ".repeat(indent + 2) };
            let _ = write!(out, "{lead}{}:", scalar(key));
            value.after_key(out, indent + 2, indent + 2 + key.len() + 1);
        }
    }

    /// On one line, when that reads well.
    fn line(&self) -> Option<String> {
        let short = |items: usize| items <= 4;
        match self {
            Yaml::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
            Yaml::Map(entries) => {
                (short(entries.len()) && entries.iter().all(|(_, value)| value.is_plain())).then(|| self.flow())
            }
            Yaml::List(items) => {
                let plain = items.iter().all(Yaml::is_plain);
                let resources = items.iter().any(|item| matches!(item, Yaml::Tag(..)));
                (plain && (!resources || items.len() == 1)).then(|| self.flow())
            }
            Yaml::Tag("!If" | "!Equals" | "!Not", _) => Some(self.flow()),
            Yaml::Tag(_, inner) => inner.line().map(|_| self.flow()),
            _ => Some(self.flow()),
        }
    }

    fn is_plain(&self) -> bool {
        match self {
            Yaml::Tag(_, inner) => inner.is_plain(),
            Yaml::List(items) => items.iter().all(|item| matches!(item, Yaml::Text(_) | Yaml::Number(_))),
            Yaml::Map(_) => false,
            _ => true,
        }
    }

    fn flow(&self) -> String {
        match self {
            Yaml::Text(text) => scalar(text),
            Yaml::Number(number) => number.to_string(),
            Yaml::Decimal(digits) => (*digits).to_owned(),
            Yaml::Flag(flag) => flag.to_string(),
            Yaml::List(items) => format!("[{}]", items.iter().map(Yaml::flow).collect::<Vec<_>>().join(", ")),
            Yaml::Map(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|(key, value)| format!("{}: {}", scalar(key), value.flow())).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            Yaml::Tag(tag, inner) => format!("{tag} {}", inner.flow()),
        }
    }
}

/// Bare where no reader could take it for anything but this text.
fn scalar(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-./$:+() ".contains(c);
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '$' || c == '.');
    let colon = text.contains(": ") || text.ends_with(':') || text.ends_with(' ');
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    match text {
        _ if first && text.chars().all(bare) && !colon && !word => text.to_owned(),
        _ if text.contains('"') && !text.contains('\'') => format!("'{text}'"),
        _ => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_reads_as_if_a_person_had_written_it() {
        let template = map! {
            "Description" => "A shop: with a colon",
            "Parameters" => map! { "LogLevel" => map! { "Type" => "String", "Default" => "info" } },
            "Resources" => map! {
                "Queue" => map! {
                    "Type" => "AWS::SQS::Queue",
                    "Properties" => map! {
                        "QueueName" => substitute("${AWS::StackName}-search.fifo"),
                        "Numbers" => list!["2012-10-17", 3, true],
                        "Long" => list![map! { "A" => 1, "B" => list![map! { "C" => "'" }] }, reference("X")],
                    },
                },
                "Empty" => map! { "Type" => "AWS::X::Y" },
            },
        };
        let expected = r#"# Generated.
Description: "A shop: with a colon"

Parameters:
  LogLevel: { Type: String, Default: info }

Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${AWS::StackName}-search.fifo"
      Numbers: ["2012-10-17", 3, true]
      Long:
        - A: 1
          B:
            - { C: "'" }
        - !Ref X

  Empty:
    Type: AWS::X::Y
"#;
        assert_eq!(template.document("Generated."), expected);
    }

    #[test]
    fn what_could_be_taken_for_something_else_is_quoted() {
        for text in ["2.0", "true", "a: b", "", "*", "{id}", "no", "#x", "- a", "it's \"quoted\""] {
            assert!(scalar(text).starts_with(['"', '\'']), "{text}");
        }
        for text in ["AWS::SQS::Queue", "rate(1 minute)", "$default", "/api/v1", "../../target"] {
            assert_eq!(scalar(text), text);
        }
    }
}
