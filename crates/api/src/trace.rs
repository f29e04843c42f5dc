//! Which trace a request belongs to (W3C Trace Context).
//!
//! A caller that names its trace is part of it; else the trace begins here. Where traces go to a
//! collector its id is the one of the log and of refusals too.

use actix_web::http::header::HeaderMap;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
}

impl Parent {
    /// What `traceparent` says, where it is one.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get("traceparent")?.to_str().ok()?;
        Self::parse(header)
    }

    fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let version = lower_hex(parts.next()?, 2)?;
        let trace_id = lower_hex(parts.next()?, 32)?;
        let span_id = lower_hex(parts.next()?, 16)?;
        let flags = u8::from_str_radix(lower_hex(parts.next()?, 2)?, 16).ok()?;
        // Of version 00 there is nothing more; of a later one there may be, and its beginning
        // means the same. ff is none.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let parent = Self {
            trace_id: TraceId::from_hex(trace_id).ok()?,
            span_id: SpanId::from_hex(span_id).ok()?,
            flags: TraceFlags::new(flags),
        };
        let real = parent.trace_id != TraceId::INVALID && parent.span_id != SpanId::INVALID;
        real.then_some(parent)
    }
}

fn lower_hex(text: &str, length: usize) -> Option<&str> {
    let digits = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == length && digits).then_some(text)
}

/// Puts a span into its trace and gives the trace's id: the caller's, the collector's, or a fresh
/// one where neither names any.
pub(crate) fn join(span: &Span, parent: Option<Parent>) -> String {
    if let Some(parent) = parent {
        let context = SpanContext::new(
            parent.trace_id,
            parent.span_id,
            parent.flags,
            true,
            TraceState::NONE,
        );
        // Refused where nothing is collected, which is no fault.
        let _joined =
            span.set_parent(opentelemetry::Context::new().with_remote_span_context(context));
        return parent.trace_id.to_string();
    }
    let context = span.context();
    let trace_id = context.span().span_context().trace_id();
    if trace_id == TraceId::INVALID {
        return hex::encode(rand::random::<[u8; 16]>());
    }
    trace_id.to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_callers_trace_is_kept_only_when_it_is_one() {
        let parent = Parent::parse(&format!("00-{TRACE}-00f067aa0ba902b7-01"));
        assert_eq!(
            parent.map(|parent| parent.trace_id.to_string()).as_deref(),
            Some(TRACE)
        );
        let zero = "0".repeat(32);
        for header in [
            String::new(),
            "00".to_owned(),
            "00-x-00f067aa0ba902b7-01".to_owned(),
            "\"><script>".to_owned(),
            format!("00-{zero}-00f067aa0ba902b7-01"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
        ] {
            assert_eq!(Parent::parse(&header), None, "{header}");
        }
        let later = format!("01-{TRACE}-00f067aa0ba902b7-01-what-the-future-brings");
        assert!(Parent::parse(&later).is_some());
    }

    #[test]
    fn without_a_collector_each_request_still_has_an_id() {
        let ids = [join(&Span::none(), None), join(&Span::none(), None)];
        assert!(ids.iter().all(|id| lower_hex(id, 32).is_some()), "{ids:?}");
        assert_ne!(ids[0], ids[1]);
    }

    proptest! {
        #[test]
        fn whatever_is_read_as_a_parent_says_what_stands_there(
            text in any::<String>(),
            near in "(0[01]|ff|FF)-[0-9a-f]{31,33}-[0-9a-fA-F]{15,17}-[0-9a-f]{1,3}(-[a-z]{0,3})?",
            (trace, span, flags) in (1..=u128::MAX, 1..=u64::MAX, any::<u8>()),
        ) {
            let header = format!("00-{trace:032x}-{span:016x}-{flags:02x}");
            for text in [text, near, header.clone()] {
                let Some(parent) = Parent::parse(&text) else {
                    prop_assert_ne!(&text, &header);
                    continue;
                };
                let flags = parent.flags.to_u8();
                let said = format!("-{}-{}-{flags:02x}", parent.trace_id, parent.span_id);
                prop_assert!(text[2..].starts_with(&said), "{}", text);
            }
        }
    }
}
