//! Spans over OTLP (HTTP, protobuf) to a collector beside the function, when its endpoint is set. Without one nothing
//! is built and nothing runs.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bharatmart_core::Timestamp;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};
use tokio::sync::{mpsc, oneshot};

use super::TraceContext;
use super::collector::Collector;

/// More spans than this waiting means that the collector is away: the newest are dropped, never the shop's requests.
const WAITING: usize = 8_192;
const EXPORT_LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Default)]
pub struct Traces(Option<mpsc::Sender<Item>>);

enum Item {
    Span(Box<SpanData>),
    Flush(oneshot::Sender<()>),
}

/// What is told of one request or batch.
pub struct Finished {
    pub name: String,
    pub kind: SpanKind,
    pub trace: TraceContext,
    pub started: Timestamp,
    pub took: Duration,
    pub error: Option<String>,
    pub attributes: Vec<KeyValue>,
}

impl Traces {
    /// Must be called within the async runtime. `endpoint` is the collector's base URL.
    pub(crate) fn start(endpoint: Option<&str>, service: &str) -> Self {
        let Some(endpoint) = endpoint else { return Traces(None) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector { limit: EXPORT_LIMIT })
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(EXPORT_LIMIT)
            .build();
        let mut exporter = match exporter {
            Ok(exporter) => exporter,
            Err(error) => {
                tracing::warn!(error = %error, "traces are not exported");
                return Traces(None);
            }
        };
        exporter.set_resource(&Resource::builder().with_service_name(service.to_owned()).build());
        let (items, waiting) = mpsc::channel(WAITING);
        tokio::spawn(export(exporter, waiting));
        Traces(Some(items))
    }

    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    pub fn record(&self, span: Finished) {
        let Some(items) = &self.0 else { return };
        let (trace_id, span_id, parent_id, sampled) = span.trace.ids();
        if !sampled {
            return;
        }
        let start_time: SystemTime = UNIX_EPOCH + Duration::from_millis(span.started.millis().max(0) as u64);
        let data = SpanData {
            span_context: SpanContext::new(
                TraceId::from(trace_id),
                SpanId::from(span_id),
                TraceFlags::SAMPLED,
                false,
                TraceState::default(),
            ),
            parent_span_id: parent_id.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote: parent_id.is_some(),
            span_kind: span.kind,
            name: span.name.into(),
            start_time,
            end_time: start_time + span.took,
            attributes: span.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: span.error.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("bharatmart").build(),
        };
        if items.try_send(Item::Span(Box::new(data))).is_err() {
            metrics::counter!("spans_dropped_total").increment(1);
        }
    }

    /// Waits until what was recorded is exported, at most so long: before a Lambda is frozen, and at the end.
    pub async fn flush(&self, limit: Duration) {
        let Some(items) = &self.0 else { return };
        let (done, waiting) = oneshot::channel();
        if items.try_send(Item::Flush(done)).is_ok() {
            let _done = tokio::time::timeout(limit, waiting).await;
        }
    }
}

async fn export(exporter: SpanExporter, mut waiting: mpsc::Receiver<Item>) {
    let exporter = Arc::new(exporter);
    let mut items = Vec::new();
    while waiting.recv_many(&mut items, 512).await > 0 {
        let (mut spans, mut flushes) = (Vec::new(), Vec::new());
        for item in items.drain(..) {
            match item {
                Item::Span(span) => spans.push(*span),
                Item::Flush(done) => flushes.push(done),
            }
        }
        if !spans.is_empty()
            && let Err(error) = exporter.export(spans).await
        {
            tracing::debug!(error = %error, "the collector did not take the spans");
        }
        for done in flushes {
            let _gone = done.send(());
        }
    }
}
