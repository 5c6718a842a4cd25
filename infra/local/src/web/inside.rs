//! `/_local`: what happens inside the shop, on a developer's machine: queues with their dead letters, the newest
//! events, the search index, mail that went out.

use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_core::ports::{Fault, Received};
use bharatmart_core::queues::{self, Queue};
use bharatmart_runtime::App;
use http::request::Parts;
use http::{Method, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::{mail, page};
use crate::gateway::Answer;

const PAGE: &str = include_str!("inside.html");
const SCRIPT: &str = include_str!("inside.js");
const PATIENCE: Duration = Duration::from_secs(3);
const EVENTS: usize = 30;
const DEAD_LETTERS: usize = 20;

pub async fn answer(app: &App, parts: &Parts) -> Option<Answer> {
    let path = parts.uri.path().strip_prefix("/_local")?.trim_matches('/');
    let read = parts.method == Method::GET || parts.method == Method::HEAD;
    match path {
        "" if read => Some(page::html(PAGE)),
        "inside.js" if read => Some(page::answer(StatusCode::OK, page::kind_of(path), SCRIPT)),
        "api/queues" if read => Some(json_page(StatusCode::OK, &all_queues(app).await)),
        "api/events" if read => Some(told(events(app).await)),
        "api/search" if read => Some(told(search(app).await)),
        "api/mail" if read => Some(told(within(mail::list(app, parts.uri.query())).await)),
        _ if read => match path.strip_prefix("mail/") {
            Some(id) if id.ends_with(".html") => {
                Some(page::mail(within(mail::html(app, id.trim_end_matches(".html"))).await?))
            }
            Some(id) => Some(page::answer(StatusCode::OK, page::kind_of("txt"), within(mail::text(app, id)).await?)),
            None => page::shared(path),
        },
        _ if parts.method == Method::POST => {
            let name = path.strip_prefix("api/queues/")?.strip_suffix("/redrive")?;
            Some(redrive(app, parts, queues::by_name(name)?).await)
        }
        _ => None,
    }
}

async fn all_queues(app: &App) -> Value {
    let Some(queueing) = app.ports().queue else { return json!([]) };
    let mut shown = Vec::new();
    for queue in queues::ALL {
        let figures = within(queueing.waiting(queue)).await;
        let letters = within(queueing.dead_letters(queue, DEAD_LETTERS)).await;
        let mut row = json!({
            "name": queue.name,
            "fifo": queue.fifo,
            "visibility_s": queue.visibility.as_secs(),
            "max_receives": queue.max_receives,
        });
        match (figures, letters) {
            (Ok(figures), Ok(letters)) => {
                row["ready"] = figures.ready.into();
                row["in_flight"] = figures.in_flight.into();
                row["delayed"] = figures.delayed.into();
                row["dead"] = figures.dead.into();
                row["dead_letters"] = letters.iter().map(dead_letter).collect();
            }
            (Err(fault), _) | (_, Err(fault)) => row["error"] = fault.to_string().into(),
        }
        shown.push(row);
    }
    Value::Array(shown)
}

fn dead_letter(letter: &Received) -> Value {
    json!({
        "id": letter.message.id,
        "receives": letter.receives,
        "sent_at": letter.sent_at,
        "body": letter.message.body,
    })
}

async fn events(app: &App) -> Result<Value, Fault> {
    let Some(store) = app.ports().store else { return Ok(json!([])) };
    let events = within(store.newest_events(EVENTS)).await?;
    Ok(serde_json::to_value(events).unwrap_or_default())
}

/// `null` when nothing was published.
async fn search(app: &App) -> Result<Value, Fault> {
    let Some(search) = app.ports().search else { return Ok(Value::Null) };
    let snapshot = within(search.snapshot()).await?;
    Ok(snapshot.map_or(Value::Null, |snapshot| {
        json!({
            "name": snapshot.name,
            "documents": snapshot.documents,
            "fence": snapshot.fence,
            "published_at": snapshot.published_at,
        })
    }))
}

async fn redrive(app: &App, parts: &Parts, queue: &'static Queue) -> Answer {
    if !same_origin(parts) {
        let detail = json!({ "error": "only the page itself may ask for this" });
        return json_page(StatusCode::FORBIDDEN, &detail);
    }
    let Some(queueing) = app.ports().queue else { return json_page(StatusCode::OK, &json!({ "redriven": 0 })) };
    told(within(queueing.redrive(queue)).await.map(|redriven| json!({ "redriven": redriven })))
}

/// A page of another site may send a POST, but not without saying where it is from.
fn same_origin(parts: &Parts) -> bool {
    let Some(origin) = parts.headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin.is_some_and(|origin| origin.authority().map(|authority| authority.as_str()) == host)
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    budget::within(PATIENCE, work).await
}

fn told(result: Result<Value, Fault>) -> Answer {
    match result {
        Ok(value) => json_page(StatusCode::OK, &value),
        Err(fault) => json_page(StatusCode::SERVICE_UNAVAILABLE, &json!({ "error": fault.to_string() })),
    }
}

fn json_page(status: StatusCode, value: &Value) -> Answer {
    page::answer(status, "application/json", value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&str, &str)]) -> Parts {
        let request =
            headers.iter().fold(http::Request::post("/"), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn another_site_may_not_redrive() {
        assert!(same_origin(&asked(&[("host", "localhost:8080"), ("origin", "http://localhost:8080")])));
        assert!(same_origin(&asked(&[("host", "localhost:8080")])));
        assert!(!same_origin(&asked(&[("host", "localhost:8080"), ("origin", "https://elsewhere.example")])));
        assert!(!same_origin(&asked(&[("host", "localhost:8080"), ("origin", "null")])));
    }
}
