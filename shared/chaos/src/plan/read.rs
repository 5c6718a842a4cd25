//! Reads a plan from JSON and names all that is wrong with it at once.

use bharatmart_core::{Check, FieldError, Invalid, Timestamp};
use serde_json::{Map, Value};

use super::{MOST_FAULTS, Plan, Planned};
use crate::act::FaultKind;
use crate::operation::Operation;
use crate::ports::operations;

/// As late as the latest message a queue takes.
const LATEST_MS: u64 = 15 * 60 * 1_000;
const MOST_SKEW_MS: i64 = 24 * 60 * 60 * 1_000;
const FIELDS: &[&str] = &["fault", "port", "operation", "share", "until", "latency_ms", "skew_ms"];

pub(super) fn plan(text: &str) -> Result<Plan, Vec<FieldError>> {
    let mut check = Check::new();
    let faults = whole(text, &mut check).unwrap_or_default();
    if check.is_clean() { Ok(Plan { faults }) } else { Err(check.into_errors()) }
}

fn whole(text: &str, check: &mut Check) -> Option<Vec<Planned>> {
    let json: Value = check.field("plan", serde_json::from_str(text).map_err(|error| is_no_json(&error)))?;
    let Value::Object(fields) = json else {
        check.add("plan", wrong("must be an object like {\"faults\":[…]}"));
        return None;
    };
    unknown(&fields, &["faults"], "", check);
    let Some(Value::Array(faults)) = fields.get("faults") else {
        check.add("faults", wrong("must be a list"));
        return None;
    };
    if faults.len() > MOST_FAULTS {
        check.add("faults", wrong(format!("must be at most {MOST_FAULTS}, there are {}", faults.len())));
        return None;
    }
    let read = faults.iter().enumerate().map(|(nth, fault)| one(fault, format!("faults[{nth}]"), check));
    // Each is looked at, though one of them is wrong.
    read.collect::<Vec<_>>().into_iter().collect()
}

fn one(fault: &Value, at: String, check: &mut Check) -> Option<Planned> {
    let Value::Object(fields) = fault else {
        check.add(at, wrong("must be an object"));
        return None;
    };
    unknown(fields, FIELDS, &format!("{at}."), check);
    let mut fields = Fields { fields, at, check };
    let kind = fields.needed("fault", a_kind);
    let port = fields.given("port", a_port);
    let operation = fields.given("operation", an_operation);
    let share = fields.needed("share", a_share);
    let until = fields.needed("until", a_time);
    let (kind, port, operation) = (kind?, port?, operation?);
    let late_ms = fields.belongs("latency_ms", matches!(kind, FaultKind::Latency | FaultKind::Late), a_range);
    let skew_ms = fields.belongs("skew_ms", kind == FaultKind::Skew, a_skew);
    let planned = Planned {
        kind,
        port,
        operation,
        share: share?,
        late_ms: late_ms?.unwrap_or_default(),
        skew_ms: skew_ms?.unwrap_or_default(),
        until: Some(until?),
    };
    if !operations().any(|operation| planned.aims_at(operation)) {
        let aim = [port, operation].into_iter().flatten().collect::<Vec<_>>().join(".");
        fields.check.add(&fields.at, wrong(format!("aims at nothing: {aim} has no {kind}")));
    }
    Some(planned)
}

/// What one fault says of itself.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    at: String,
    check: &'a mut Check,
}

impl Fields<'_> {
    fn needed<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, Invalid>) -> Option<T> {
        let value = self.fields.get(name).map_or_else(|| Err(wrong("must be given")), read);
        self.check.field(format!("{}.{name}", self.at), value)
    }

    /// `Some(None)` when it is not there.
    fn given<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, Invalid>) -> Option<Option<T>> {
        match self.fields.get(name) {
            None => Some(None),
            Some(_) => self.needed(name, read).map(Some),
        }
    }

    /// Needed by one kind of fault, and out of place with another.
    fn belongs<T>(
        &mut self,
        name: &str,
        belongs: bool,
        read: impl Fn(&Value) -> Result<T, Invalid>,
    ) -> Option<Option<T>> {
        if belongs {
            return self.needed(name, read).map(Some);
        }
        self.given(name, |_| Err(wrong("does not belong to this fault")))
    }
}

fn a_kind(value: &Value) -> Result<FaultKind, Invalid> {
    let names = || FaultKind::ALL.iter().map(|kind| kind.name());
    value.as_str().and_then(FaultKind::by_name).ok_or_else(|| one_of(names()))
}

fn a_port(value: &Value) -> Result<&'static str, Invalid> {
    known(value, |operation| operation.port)
}

fn an_operation(value: &Value) -> Result<&'static str, Invalid> {
    known(value, |operation| operation.name)
}

fn known(value: &Value, word: fn(&Operation) -> &'static str) -> Result<&'static str, Invalid> {
    let mut words: Vec<_> = operations().map(word).collect();
    words.sort_unstable();
    words.dedup();
    let found = words.iter().copied().find(|word| value.as_str() == Some(*word));
    found.ok_or_else(|| one_of(words.into_iter()))
}

fn a_share(value: &Value) -> Result<f64, Invalid> {
    let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| wrong("must be a number from 0 to 1"))
}

fn a_time(value: &Value) -> Result<Timestamp, Invalid> {
    Timestamp::parse(value.as_str().unwrap_or_default())
}

/// One number, or the least and the most.
fn a_range(value: &Value) -> Result<(u64, u64), Invalid> {
    let range = match value {
        Value::Array(ends) => match ends.as_slice() {
            [least, most] => least.as_u64().zip(most.as_u64()),
            _ => None,
        },
        one => one.as_u64().map(|ms| (ms, ms)),
    };
    let sound = range.filter(|(least, most)| least <= most && *most <= LATEST_MS);
    sound.ok_or_else(|| wrong(format!("must be milliseconds up to {LATEST_MS}, or [least, most]")))
}

fn a_skew(value: &Value) -> Result<i64, Invalid> {
    let skew = value.as_i64().filter(|skew| (-MOST_SKEW_MS..=MOST_SKEW_MS).contains(skew));
    skew.ok_or_else(|| wrong(format!("must be milliseconds from -{MOST_SKEW_MS} to {MOST_SKEW_MS}")))
}

fn unknown(fields: &Map<String, Value>, known: &[&str], at: &str, check: &mut Check) {
    for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
        let there = known.join(", ");
        check.add(format!("{at}{name}"), Invalid::new("unknown_field", format!("is not known; there are {there}")));
    }
}

fn is_no_json(error: &serde_json::Error) -> Invalid {
    wrong(format!("is no JSON: {error}"))
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> Invalid {
    wrong(format!("must be one of {}", words.collect::<Vec<_>>().join(", ")))
}

fn wrong(message: impl Into<String>) -> Invalid {
    Invalid::new("invalid_plan", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"{"faults":[
        {"fault":"error_after","port":"store","operation":"commit","share":0.1,"until":"2030-01-01T00:00:00Z"},
        {"fault":"latency","port":"cache","share":1,"until":"2030-01-01T00:00:00Z","latency_ms":[50,400]},
        {"fault":"late","share":0.5,"until":"2030-01-01T00:00:00Z","latency_ms":2000},
        {"fault":"skew","share":1,"until":"2030-01-01T00:00:00Z","skew_ms":-90000}
    ]}"#;

    fn mistakes(text: &str) -> Vec<(String, String)> {
        plan(text).unwrap_err().into_iter().map(|mistake| (mistake.field, mistake.message)).collect()
    }

    #[test]
    fn a_sound_plan_is_read_as_it_was_written() {
        let plan = plan(SOUND).unwrap();
        assert_eq!(plan.len(), 4);
        assert_eq!((plan.faults[0].port, plan.faults[0].operation), (Some("store"), Some("commit")));
        assert_eq!(plan.faults[0].until, Timestamp::parse("2030-01-01T00:00:00Z").ok());
        assert_eq!(plan.faults[1].late_ms, (50, 400));
        assert_eq!(plan.faults[2].late_ms, (2_000, 2_000));
        assert_eq!(plan.faults[3].skew_ms, -90_000);
        assert!(super::plan(r#"{"faults":[]}"#).unwrap().is_empty());
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let named = mistakes(
            r#"{"faluts":1,"faults":[
                {"fault":"explode","port":"stroe","operation":"comit","share":1.5},
                {"fault":"latency","share":"all","until":"tomorrow","latency_ms":[400,50],"colour":"red"},
                {"fault":"busy","share":0.5,"until":"2030-01-01T00:00:00Z","latency_ms":5},
                {"fault":"skew","share":0.5,"until":"2030-01-01T00:00:00Z","skew_ms":1e12},
                7
            ]}"#,
        );
        let fields: Vec<_> = named.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "faluts",
                "faults[0].fault",
                "faults[0].port",
                "faults[0].operation",
                "faults[0].share",
                "faults[0].until",
                "faults[1].colour",
                "faults[1].share",
                "faults[1].until",
                "faults[1].latency_ms",
                "faults[2].latency_ms",
                "faults[3].skew_ms",
                "faults[4]",
            ],
            "{named:?}"
        );
        assert!(named[1].1.contains("error_after"), "{named:?}");
        assert!(
            named[2].1.contains("blobs, cache, clock, index, messages, payments, queue, search, secrets, store"),
            "{named:?}"
        );
    }

    #[test]
    fn a_plan_has_an_end_and_twenty_faults_at_most() {
        let endless = r#"{"faults":[{"fault":"busy","port":"store","share":0.5}]}"#;
        assert_eq!(mistakes(endless), [("faults[0].until".to_owned(), "must be given".to_owned())]);
        let fault = r#"{"fault":"busy","share":0.5,"until":"2030-01-01T00:00:00Z"}"#;
        let many = |count: usize| format!(r#"{{"faults":[{}]}}"#, vec![fault; count].join(","));
        assert_eq!(plan(&many(MOST_FAULTS)).unwrap().len(), MOST_FAULTS);
        assert_eq!(mistakes(&many(MOST_FAULTS + 1))[0].0, "faults");
    }

    #[test]
    fn a_fault_that_no_call_can_have_is_a_mistake() {
        for (fault, aim) in [
            (r#""fault":"lose","port":"store""#, "store has no lose"),
            (r#""fault":"busy","port":"cache","operation":"commit""#, "cache.commit has no busy"),
            (r#""fault":"duplicate","port":"clock""#, "clock has no duplicate"),
        ] {
            let text = format!(r#"{{"faults":[{{{fault},"share":0.5,"until":"2030-01-01T00:00:00Z"}}]}}"#);
            let named = mistakes(&text);
            assert!(named[0].1.contains(aim), "{named:?}");
        }
    }

    #[test]
    fn what_is_no_plan_at_all_is_told() {
        for text in ["", "no", "[]", "7", "{}", r#"{"faults":{}}"#] {
            assert_eq!(mistakes(text).len(), 1, "{text}");
        }
    }
}
