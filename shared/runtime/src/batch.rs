//! A batch of messages on its way through a worker: read, told apart from what was applied before, handled, and
//! answered with those that failed. The same for a Lambda and for the local cloud.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use bharatmart_adapters::budget;
use bharatmart_core::Event;
use bharatmart_core::ports::{Fault, Random};
use bharatmart_core::queues::Queue;
use futures_util::future::join_all;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use crate::app::App;
use crate::chaos::{self, Scene};
use crate::context::WorkCtx;
use crate::telemetry::{Finished, TraceContext, Traces};
use crate::worker::{Delivery, Job, Verdict, Worker};

/// What a process works through batches with.
pub struct Runner {
    pub app: Arc<App>,
    pub traces: Traces,
}

impl Runner {
    /// Answers which messages failed; SQS gives those out again and forgets the others.
    pub async fn batch(&self, worker: &'static Worker, event: SqsEvent, left: Duration) -> SqsBatchResponse {
        let Job::Queue { queue, handler, .. } = &worker.job else {
            tracing::error!(function = worker.name, "a schedule was sent a batch");
            return failures(event.records.iter().filter_map(|record| record.message_id.clone()));
        };
        let begun = Instant::now();
        let started = self.app.clock.now();
        let count = event.records.len();
        let (mut failed, mut deliveries, mut doubles) = (Vec::new(), Vec::<Delivery>::new(), Vec::new());
        let (mut seen, mut events) = (HashSet::new(), HashSet::new());
        for record in event.records {
            match read(record) {
                Ok(delivery) if events.insert(delivery.event.id) => deliveries.push(delivery),
                Ok(double) => doubles.push(double),
                Err((message_id, receipt, reason)) => {
                    tracing::error!(function = worker.name, message_id, reason, "a message nobody can read");
                    failed.push((message_id, receipt, Duration::ZERO));
                }
            }
        }
        let traceparent = deliveries.iter().find_map(|delivery| delivery.event.traceparent.clone());
        let trace = TraceContext::from_parent(traceparent.as_deref(), self.app.random.as_ref());
        let receives = deliveries.iter().map(|delivery| delivery.receives).max().unwrap_or_default();
        let scene = || Scene::of_work(trace.trace_id(), worker.name, receives);
        let ctx = WorkCtx { app: self.app.clone(), worker, trace };
        let work = async {
            let (fresh, known) = self.fresh(worker, deliveries).await;
            seen.extend(known);
            match fresh {
                Ok(fresh) if fresh.is_empty() => Vec::new(),
                Ok(fresh) => handler(&ctx, fresh).await,
                Err((fault, fresh)) => {
                    let later = |delivery| (delivery, Verdict::Later(fault.to_string()));
                    fresh.into_iter().map(later).collect()
                }
            }
        };
        // When the time runs out nothing is answered: the whole batch is given out again.
        let verdicts = budget::within(left, chaos::within(&self.app, scene, work)).await;
        let mut again = HashSet::new();
        for (delivery, verdict) in verdicts {
            let (reason, wait) = match verdict {
                Verdict::Done => continue,
                Verdict::Later(reason) => (reason, outlast(delivery.receives, self.app.random.as_ref())),
                Verdict::Failed(reason) => (reason, back_off(delivery.receives, self.app.random.as_ref())),
            };
            tracing::warn!(function = worker.name, event = %delivery.event.id, receives = delivery.receives, reason, "will be tried again");
            again.insert(delivery.event.id);
            failed.push((delivery.message_id, delivery.receipt, before_the_next(queue, delivery.receives, wait)));
        }
        // What befell an event befell its doubles.
        let doubles = doubles.into_iter().filter(|double| again.contains(&double.event.id));
        failed.extend(doubles.map(|double| (double.message_id, double.receipt, Duration::from_secs(1))));
        self.hide(queue, &failed).await;
        let took = begun.elapsed();
        tracing::info!(
            function = worker.name,
            messages = count,
            known = seen.len(),
            failed = failed.len(),
            took_ms = took.as_micros() as f64 / 1_000.0,
            trace_id = trace.trace_id(),
            "batch"
        );
        if self.traces.is_on() {
            let name = format!("process {}", queue.name);
            let attributes = vec![
                KeyValue::new("messaging.destination.name", queue.name),
                KeyValue::new("messaging.batch.message_count", count as i64),
                KeyValue::new("faas.name", worker.name),
            ];
            let error = (!failed.is_empty()).then(|| format!("{} failed", failed.len()));
            self.traces.record(Finished { name, kind: SpanKind::Consumer, trace, started, took, error, attributes });
        }
        failures(failed.into_iter().map(|(message_id, ..)| message_id))
    }

    pub async fn tick(&self, worker: &'static Worker, left: Duration) -> Result<(), Fault> {
        let (Job::Schedule { handler, .. } | Job::Once { handler }) = &worker.job else {
            return Err(Fault::broken("worker", format!("{} is no schedule", worker.name)));
        };
        let begun = Instant::now();
        let trace = TraceContext::from_parent(None, self.app.random.as_ref());
        let ctx = WorkCtx { app: self.app.clone(), worker, trace };
        let scene = || Scene::of_work(trace.trace_id(), worker.name, 0);
        let result = budget::within(left, chaos::within(&self.app, scene, handler(&ctx))).await;
        let took_ms = begun.elapsed().as_micros() as f64 / 1_000.0;
        match &result {
            Ok(()) => tracing::debug!(function = worker.name, took_ms, "tick"),
            Err(fault) => tracing::error!(function = worker.name, took_ms, error = %fault, "tick"),
        }
        result
    }

    /// Those not applied yet, each once, and the ids of those that were.
    async fn fresh(
        &self,
        worker: &'static Worker,
        deliveries: Vec<Delivery>,
    ) -> (Result<Vec<Delivery>, (Fault, Vec<Delivery>)>, Vec<String>) {
        let mut known = HashSet::new();
        let mut tenants: Vec<_> = deliveries.iter().map(|delivery| delivery.event.tenant.clone()).collect();
        tenants.sort();
        tenants.dedup();
        for tenant in tenants {
            let of_tenant = deliveries.iter().filter(|delivery| delivery.event.tenant == tenant);
            let ids: Vec<_> = of_tenant.map(|delivery| delivery.event.id).collect();
            let applied = match self.app.store() {
                Ok(store) => store.applied(&tenant, worker.name, &ids).await,
                Err(fault) => Err(fault),
            };
            match applied {
                Ok(applied) => known.extend(applied),
                Err(fault) => return (Err((fault, deliveries)), Vec::new()),
            }
        }
        let (known, fresh): (Vec<_>, Vec<_>) =
            deliveries.into_iter().partition(|delivery| known.contains(&delivery.event.id));
        (Ok(fresh), known.into_iter().map(|delivery| delivery.event.id.to_string()).collect())
    }

    /// When each failed message comes back. One that nobody can read comes at once, so that it is a dead letter soon
    /// and holds up no other.
    async fn hide(&self, queue: &'static Queue, failed: &[(String, String, Duration)]) {
        let Some(queueing) = &self.app.queue else { return };
        let retries = failed.iter().map(|(message_id, receipt, wait)| async move {
            if let Err(fault) = queueing.retry(queue, receipt, *wait).await {
                tracing::warn!(message_id, error = %fault, "the message comes back when its visibility time ends");
            }
        });
        // The answer must go out while there is time: which messages failed matters more than when they come back.
        let all = budget::within(HIDING, join_all(retries));
        if tokio::time::timeout(HIDING, all).await.is_err() {
            tracing::warn!("the queue was slow; failed messages come back when their visibility time ends");
        }
    }
}

/// Less than what `work` keeps back from the deadline.
const HIDING: Duration = Duration::from_millis(700);

fn failures(ids: impl Iterator<Item = String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = ids
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    response
}

fn read(record: SqsMessage) -> Result<Delivery, (String, String, String)> {
    let message_id = record.message_id.unwrap_or_default();
    let receipt = record.receipt_handle.unwrap_or_default();
    let receives = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1);
    match serde_json::from_str::<Event>(record.body.as_deref().unwrap_or_default()) {
        Ok(event) => Ok(Delivery { event, message_id, receipt, receives }),
        Err(error) => Err((message_id, receipt, error.to_string())),
    }
}

/// Full jitter under a ceiling that doubles with each receive.
fn back_off(receives: u32, random: &dyn Random) -> Duration {
    let ceiling_ms = 500u64 << receives.clamp(1, 7);
    Duration::from_millis(250 + random.below(ceiling_ms))
}

/// Four times as long with each receive, from 2 s, half of it jitter: five receives span three to five minutes, so
/// that an outage of that length makes no dead letter.
fn outlast(receives: u32, random: &dyn Random) -> Duration {
    let half_ms = 1_000u64 << (2 * receives.saturating_sub(1)).min(8);
    Duration::from_millis(half_ms + random.below(half_ms))
}

/// After the last try nothing is waited for: it is a dead letter at once, and somebody can see to it.
fn before_the_next(queue: &Queue, receives: u32, wait: Duration) -> Duration {
    if receives < queue.max_receives { wait } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bharatmart_adapters::system::System;
    use bharatmart_core::queues::ORDERS;

    #[test]
    fn what_failed_for_the_last_time_is_a_dead_letter_at_once() {
        let waits: Vec<_> =
            (1..=ORDERS.max_receives).map(|receives| before_the_next(&ORDERS, receives, HIDING)).collect();
        assert_eq!(waits, [HIDING, HIDING, HIDING, HIDING, Duration::ZERO]);
    }

    /// The least or the most of what may be drawn.
    struct Draws(bool);

    impl Random for Draws {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(if self.0 { 0xff } else { 0 });
        }

        fn below(&self, bound: u64) -> u64 {
            if self.0 { bound.saturating_sub(1) } else { 0 }
        }
    }

    #[test]
    fn each_try_may_wait_longer_than_the_one_before_and_two_that_failed_together_do_not_come_together() {
        for wait in [back_off, outlast] {
            let longest: Vec<_> = (1..ORDERS.max_receives).map(|receives| wait(receives, &Draws(true))).collect();
            assert!(longest.is_sorted_by(|one, next| one < next), "{longest:?}");
            for receives in 1..ORDERS.max_receives {
                let (least, most) = (wait(receives, &Draws(false)), wait(receives, &Draws(true)));
                assert!(least >= Duration::from_millis(250) && most >= least.mul_f64(1.9), "{least:?} {most:?}");
            }
            assert_eq!(wait(50, &Draws(true)), wait(100, &Draws(true)));
        }
    }

    #[test]
    fn an_outage_of_minutes_makes_no_dead_letter_and_a_hopeless_message_is_one_in_seconds() {
        let outage: Duration = (1..5).map(|receives| outlast(receives, &System)).sum();
        assert!((Duration::from_secs(80)..Duration::from_secs(300)).contains(&outage), "{outage:?}");
        let hopeless: Duration = (1..5).map(|receives| back_off(receives, &System)).sum();
        assert!(hopeless < Duration::from_secs(20), "{hopeless:?}");
    }
}
