//! The W3C trace context: taken from the caller or begun here, and handed on with every event.

use std::fmt::Write as _;

use bharatmart_core::ports::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    /// This function's own span.
    span_id: u64,
    parent_id: Option<u64>,
    sampled: bool,
}

impl TraceContext {
    /// A child of what `traceparent` says, or the first of a new trace when it says nothing one can read.
    pub fn from_parent(traceparent: Option<&str>, random: &dyn Random) -> Self {
        let mut bytes = [0; 24];
        random.fill(&mut bytes);
        let (trace, span) = bytes.split_at(16);
        let number = |bytes: &[u8]| bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte)) | 1;
        let span_id = number(span) as u64;
        match traceparent.and_then(parse) {
            Some((trace_id, parent, sampled)) => TraceContext { trace_id, span_id, parent_id: Some(parent), sampled },
            None => TraceContext { trace_id: number(trace), span_id, parent_id: None, sampled: true },
        }
    }

    /// What the next one down the line is told.
    pub fn traceparent(&self) -> String {
        let mut text = String::with_capacity(55);
        let _written = write!(text, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled));
        text
    }

    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    pub(super) fn ids(&self) -> (u128, u64, Option<u64>, bool) {
        (self.trace_id, self.span_id, self.parent_id, self.sampled)
    }
}

fn parse(text: &str) -> Option<(u128, u64, bool)> {
    let mut parts = text.trim().splitn(4, '-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lower_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let shape = version.len() == 2 && trace.len() == 32 && span.len() == 16 && flags.len() >= 2;
    if !shape || version == "ff" || ![version, trace, span, &flags[..2]].into_iter().all(lower_hex) {
        return None;
    }
    let trace_id = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
    let span_id = u64::from_str_radix(span, 16).ok().filter(|id| *id != 0)?;
    Some((trace_id, span_id, u8::from_str_radix(&flags[..2], 16).ok()? & 1 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bharatmart_adapters::system::System;

    #[test]
    fn a_trace_goes_on_under_a_span_of_its_own() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace = TraceContext::from_parent(Some(parent), &System);
        assert_eq!(trace.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(trace.parent_id, Some(0x00f0_67aa_0ba9_02b7));
        assert_ne!(trace.traceparent(), parent);
    }

    #[test]
    fn an_unreadable_trace_begins_a_new_one() {
        for wrong in ["", "00-0-0-0", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "ff-x", "00-é"] {
            assert_eq!(TraceContext::from_parent(Some(wrong), &System).parent_id, None, "{wrong}");
        }
    }
}
